package io.tsdash.timescale;

class TimescaleContractTest extends StoreContract {
    @Override
    int port() {
        return Servers.timescale().port();
    }
}
