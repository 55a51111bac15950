package io.tsdash.influx;

/** Which HTTP API a server speaks. */
public enum InfluxGeneration {
    /** InfluxDB 1.x: databases, retention policies, continuous queries. */
    V1(1),
    /** InfluxDB 2.x: organisations, buckets, tokens, Flux tasks. */
    V2(2),
    /** InfluxDB 3.x: databases and tokens; nothing can be deleted by condition. */
    V3(3);

    private final int number;

    InfluxGeneration(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
