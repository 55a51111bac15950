package io.tsdash.resilience;

/** Learns when a chain falls back. Called by the threads that ask; must not block or throw. */
public interface FallbackListener {

    /**
     * A source did not answer a question, and the next one is asked.
     *
     * @param chain its name
     * @param source the name of the source
     * @param why it failed, was refused or has nothing young enough
     */
    default void fell(String chain, String source, String why) {}

    /**
     * The first source answers again.
     *
     * @param chain its name
     */
    default void back(String chain) {}

    /** Returns a listener that does nothing. */
    static FallbackListener none() {
        return new FallbackListener() {};
    }
}
