package io.tsdash.kafka.format;

/**
 * Takes the fields of one record, by their number in {@link Fields}. Protobuf puts the numbers on the wire, JSON and
 * MessagePack the names. NaN means "not given": such a number is left out. Single-threaded.
 */
interface FieldWriter {

    /** Starts the record, or a record within it that was announced. */
    void begin(Fields fields);

    /** Ends the record that began last. */
    void end();

    /** Announces a record as the value of a field; {@link #begin} and {@link #end} must follow. */
    void nested(int number);

    /** Announces a list of records as the value of a field; {@link #begin} and {@link #end} follow for each. */
    void list(int number, int size);

    /** Ends the list. */
    void endList();

    void text(int number, String value);

    void integer(int number, long value);

    void number(int number, double value);

    void flag(int number, boolean value);

    /** Returns what was written. */
    byte[] toBytes();
}
