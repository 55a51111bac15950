package io.tsdash.timescale;

class TimescaleForeignZoneTest extends ForeignZone {
    @Override
    int port() {
        return Servers.timescale().port();
    }
}
