package io.tsdash.kafka.format;

import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.model.Bar;
import io.tsdash.model.MarketEvent;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Our forms as Kafka's serdes: they write the given form, and read all of them by the record's header. */
public final class RecordSerdes {

    private RecordSerdes() {}

    /** Returns the serde of trades and quotes. */
    public static Serde<MarketEvent> events(Format format) {
        return serde(format, Formats::events);
    }

    /** Returns the serde of bars. */
    public static Serde<Bar> bars(Format format) {
        return serde(format, Formats::bars);
    }

    /** Returns the serde of volume profiles. */
    public static Serde<VolumeProfile> profiles(Format format) {
        return serde(format, Formats::profiles);
    }

    /** Returns the serde of rolling averages. */
    public static Serde<RollingValue> averages(Format format) {
        return serde(format, Formats::averages);
    }

    private static <T> Serde<T> serde(Format format, Function<Format, RecordFormat<T>> formats) {
        return Serdes.serdeFrom(
                new RecordSerializer<>(formats.apply(format)), new RecordDeserializer<>(format, formats));
    }
}
