package io.tsdash.redis;

import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisServer;
import io.tsdash.testkit.FaultProxy;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A proxy before each node of a cluster, whose port the node announces as its own: clients then know no other way, and replicas
 * neither. The nodes' talk among themselves has ports of its own and goes on, so nobody is voted out while the wires are cut.
 */
record ClusterWires(List<FaultProxy> each) implements AutoCloseable {

    /** Puts proxies before the nodes, and waits until each has told it to all others. */
    static ClusterWires before(RedisCluster cluster) {
        List<FaultProxy> wires = cluster.nodes().stream()
                .map(node -> {
                    FaultProxy wire = FaultProxy.to("127.0.0.1", node.port());
                    node.command("CONFIG", "SET", "cluster-announce-port", Integer.toString(wire.port()));
                    return wire;
                })
                .toList();
        Eventually.holds(() -> cluster.nodes().stream().allMatch(node -> knowsAll(node, wires)));
        return new ClusterWires(wires);
    }

    private static boolean knowsAll(RedisServer node, List<FaultProxy> wires) {
        String said = node.command("CLUSTER", "NODES");
        return wires.stream().allMatch(wire -> said.contains("127.0.0.1:" + wire.port() + "@"));
    }

    String address() {
        return each.stream()
                .map(wire -> "127.0.0.1:" + wire.port())
                .collect(Collectors.joining(",", "redis-cluster://", ""));
    }

    @Override
    public void close() {
        each.forEach(FaultProxy::close);
    }
}
