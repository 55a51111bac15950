package io.tsdash.timescale;

class PostgresContractTest extends StoreContract {
    @Override
    int port() {
        return Servers.postgres().port();
    }
}
