package io.tsdash.kafka.format;

import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.model.Bar;
import io.tsdash.model.MarketEvent;

/** Each of our forms for each kind of record; docs/kafka.md describes them. */
public final class Formats {

    private Formats() {}

    /** Returns the form of trades, with their corrections and cancels, and of quotes. */
    public static RecordFormat<MarketEvent> events(Format format) {
        return new ShapedFormat<>(format, new EventShape());
    }

    /** Returns the form of bars. */
    public static RecordFormat<Bar> bars(Format format) {
        return new ShapedFormat<>(format, new BarShape());
    }

    /** Returns the form of volume profiles. */
    public static RecordFormat<VolumeProfile> profiles(Format format) {
        return new ShapedFormat<>(format, new ProfileShape());
    }

    /** Returns the form of rolling averages. */
    public static RecordFormat<RollingValue> averages(Format format) {
        return new ShapedFormat<>(format, new AverageShape());
    }
}
