package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fields of one kind of record: numbers from 1, in order, with their names. Thread-safe. */
final class Fields {
    private final String record;
    private final List<String> names;
    private final int size;
    private final Map<String, Integer> numbers = new HashMap<>();

    /**
     * @param record what the record is called in messages
     * @param names of field 1, 2 and so on
     */
    Fields(String record, String... names) {
        this.record = record;
        this.names = List.of(names);
        size = names.length;
        for (int i = 0; i < names.length; i++) {
            numbers.put(names[i], i + 1);
        }
    }

    String record() {
        return record;
    }

    String name(int number) {
        return names.get(number - 1);
    }

    /** Returns the number of a name, or 0 if there is none. */
    int number(String name) {
        Integer number = numbers.get(name);
        return number == null ? 0 : number;
    }

    int size() {
        return size;
    }

    /** Returns the bit of a field in a set of fields. */
    static int bit(int number) {
        return 1 << number;
    }

    /** Checks that fields were there: sets of bits. */
    void require(int seen, int required) {
        int missing = required & ~seen;
        if (missing != 0) {
            throw new InvalidInputException(record + "." + name(Integer.numberOfTrailingZeros(missing))
                    + " was missing but a " + record + " must have it");
        }
    }

    InvalidInputException refused(int number, Object value, String rule) {
        return InvalidInputException.of(record + "." + name(number), value, rule);
    }
}
