package io.tsdash.source;

import java.util.ArrayDeque;
import java.util.Deque;

/** Chooses by weight in constant time (Walker 1977, in the form of Vose 1991). */
final class AliasTable {
    private final double[] threshold;
    private final int[] alias;

    /** @param weights positive; they need not add up to one */
    AliasTable(double[] weights) {
        int n = weights.length;
        threshold = new double[n];
        alias = new int[n];
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double[] scaled = new double[n];
        Deque<Integer> small = new ArrayDeque<>();
        Deque<Integer> large = new ArrayDeque<>();
        for (int i = 0; i < n; i++) {
            scaled[i] = weights[i] * n / sum;
            (scaled[i] < 1 ? small : large).add(i);
        }
        while (!small.isEmpty() && !large.isEmpty()) {
            int less = small.remove();
            int more = large.remove();
            threshold[less] = scaled[less];
            alias[less] = more;
            scaled[more] -= 1 - scaled[less];
            (scaled[more] < 1 ? small : large).add(more);
        }
        // What is left over differs from 1 by rounding only.
        small.forEach(i -> threshold[i] = 1);
        large.forEach(i -> threshold[i] = 1);
    }

    /** @param bits 64 random bits */
    int choose(long bits) {
        int column = (int) (((bits >>> 32) * threshold.length) >>> 32);
        double uniform = (bits & 0xffff_ffffL) * 0x1p-32;
        return uniform < threshold[column] ? column : alias[column];
    }
}
