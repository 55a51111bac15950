package io.tsdash.examples.logs;

/** The forms of the log. */
public enum LogFormat {
    /** Lines for people. */
    TEXT,
    /** One object of JSON a line, in the fields of the Elastic Common Schema. */
    ECS
}
