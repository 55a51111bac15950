package io.tsdash.kafka.format;

import java.io.IOException;

/**
 * Gives the fields of one record in the order of the bytes. Fields that are not known are skipped. Single-threaded.
 *
 * <p>Bytes that break the form end in an {@link io.tsdash.error.InvalidInputException} or in what the library below
 * throws; {@link ShapedFormat} makes one of the other.
 */
interface FieldReader {

    /** Starts the record, or the record that is the value of the field that {@link #next} gave. */
    void begin(Fields fields) throws IOException;

    /** Returns the number of the next field with a value, or 0 at the end of the record, which it ends. */
    int next() throws IOException;

    /** Starts the list that is the value of the field; for each {@link #element}, {@link #begin} must follow. */
    void list() throws IOException;

    /** Returns whether the list has another record. */
    boolean element() throws IOException;

    String text() throws IOException;

    long integer() throws IOException;

    double number() throws IOException;

    boolean flag() throws IOException;

    /** Checks that nothing follows. */
    void finish() throws IOException;
}
