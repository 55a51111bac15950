package io.tsdash.cache;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Side;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/** What dashboards ask for most, as bytes for shared caches. */
public final class MarketCodecs {
    private static final CacheCodec<List<PriceUpdate>> PRICES = FieldBytes.listOf(new Prices());

    private MarketCodecs() {}

    /** Returns the codec of lists of bars. */
    public static CacheCodec<List<Bar>> bars() {
        return FieldBytes.listOf(new Bars());
    }

    /** Returns the codec of a symbol's price. */
    public static CacheCodec<PriceUpdate> price() {
        return new CacheCodec<>() {
            @Override
            public byte[] encode(PriceUpdate value) {
                return PRICES.encode(List.of(value));
            }

            @Override
            public PriceUpdate decode(byte[] bytes) {
                return PRICES.decode(bytes).get(0);
            }
        };
    }

    private static final class Bars implements FieldBytes.Field<Bar> {
        @Override
        public void write(DataOutputStream out, Bar bar) throws IOException {
            out.writeUTF(bar.symbol());
            out.writeUTF(bar.interval().text());
            out.writeLong(bar.openTimeNanos());
            out.writeLong(bar.closeTimeNanos());
            out.writeDouble(bar.open());
            out.writeDouble(bar.high());
            out.writeDouble(bar.low());
            out.writeDouble(bar.close());
            out.writeDouble(bar.volume());
            out.writeDouble(bar.notional());
            out.writeLong(bar.tradeCount());
            out.writeLong(bar.firstEventNanos());
            out.writeLong(bar.lastEventNanos());
            out.writeInt(bar.revision());
            out.writeUTF(bar.state().name());
        }

        @Override
        public Bar read(DataInputStream in) throws IOException {
            return new Bar(
                    in.readUTF(),
                    Interval.parse(in.readUTF()),
                    in.readLong(),
                    in.readLong(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readInt(),
                    BarState.valueOf(in.readUTF()));
        }
    }

    private static final class Prices implements FieldBytes.Field<PriceUpdate> {
        @Override
        public void write(DataOutputStream out, PriceUpdate price) throws IOException {
            out.writeUTF(price.symbol());
            out.writeLong(price.eventTimeNanos());
            out.writeDouble(price.price());
            out.writeDouble(price.size());
            out.writeByte(price.side().code());
            out.writeDouble(price.open());
            out.writeDouble(price.volume());
            out.writeDouble(price.bid());
            out.writeDouble(price.ask());
            out.writeDouble(price.bidSize());
            out.writeDouble(price.askSize());
        }

        @Override
        public PriceUpdate read(DataInputStream in) throws IOException {
            return new PriceUpdate(
                    in.readUTF(),
                    in.readLong(),
                    in.readDouble(),
                    in.readDouble(),
                    Side.ofCode(in.readByte()),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble(),
                    in.readDouble());
        }
    }
}
