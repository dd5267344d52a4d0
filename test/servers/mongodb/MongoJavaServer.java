import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Runs mongo-java-server on 127.0.0.1, in memory or in a file of H2: `port [file]`. */
public class MongoJavaServer {
    /** The library's own highest version speaks a wire protocol that drivers of today refuse. */
    enum Version implements MongoVersion {
        V5;

        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0, 0);
        }

        public int getWireVersion() {
            return 13;
        }
    }

    public static void main(String[] arguments) throws Exception {
        AbstractMongoBackend backend =
                arguments.length > 1 ? new H2Backend(arguments[1]) : new MemoryBackend();
        backend.version(Version.V5);
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("listening");
        Thread.currentThread().join();
    }
}
