// The words of Java's HttpClient. Input, output and arguments as for curl.sh.
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class HttpClientWords {
    public static void main(String[] arguments) throws Exception {
        SSLContext trust = trusting(arguments[0]);
        String pair = System.getenv("SYNC_USER") + ":" + System.getenv("SYNC_PASSWORD");
        String credentials = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes());
        System.out.println("stack\tHttpClient of Java " + System.getProperty("java.version"));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] fields = line.split("\t");
            Duration timeout = Duration.ofSeconds(Long.parseLong(fields[3]));
            String words = "";
            try {
                HttpClient.Builder client = HttpClient.newBuilder()
                    .sslContext(trust)
                    .connectTimeout(timeout)
                    .followRedirects(HttpClient.Redirect.NORMAL);
                if (!fields[2].equals("-")) {
                    URI proxy = URI.create(fields[2]);
                    client.proxy(ProxySelector.of(new InetSocketAddress(proxy.getHost(), proxy.getPort())));
                }
                HttpRequest request = HttpRequest.newBuilder(URI.create(fields[1]))
                    .header("Authorization", credentials)
                    .timeout(timeout.plus(timeout))
                    .build();
                int status = client.build().send(request, BodyHandlers.ofString()).statusCode();
                if (status != 200) {
                    words = "java.lang.IllegalStateException: HTTP " + status;
                }
            } catch (Exception error) {
                words = chain(error);
            }
            System.out.println(fields[0] + "\t" + words.replaceAll("\\s+", " "));
        }
    }

    private static String chain(Throwable error) {
        StringBuilder words = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            words.append(words.length() == 0 ? "" : " <- ").append(cause);
        }
        return words.toString();
    }

    private static SSLContext trusting(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream pem = new FileInputStream(file)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory managers =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
