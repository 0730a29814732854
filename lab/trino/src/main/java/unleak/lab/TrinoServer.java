package unleak.lab;

import io.trino.plugin.memory.MemoryPlugin;
import io.trino.server.testing.TestingTrinoServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Trino on the loopback with tables in memory; it ends with the process that holds its standard input. */
public final class TrinoServer {
    private TrinoServer() {}

    public static void main(String[] arguments) throws Exception {
        try (TestingTrinoServer server = TestingTrinoServer.builder().build()) {
            server.installPlugin(new MemoryPlugin());
            server.createCatalog("memory", "memory", Map.of());
            // its standard output is its log's, so the address is told in a file
            Path told = Path.of(arguments[0]);
            Path whole = told.resolveSibling(told.getFileName() + ".new");
            Files.writeString(whole, server.getBaseUrl().toString());
            Files.move(whole, told);
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
