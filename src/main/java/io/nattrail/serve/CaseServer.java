package io.nattrail.serve;

import io.nattrail.analysis.Analysis;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The server: takes cases, analyzes them, keeps them until they are deleted. Runs from its construction until it is closed. */
public final class CaseServer implements Closeable {
    private static final int REQUEST_HEADERS = 8192;
    private static final int CONNECTIONS = 1024;
    /** Besides those that wait for uploads: selectors, acceptors, answers. */
    private static final int THREADS = 64;

    private final ServeLog log;
    private final CaseStore store;
    private final CaseRunner runner;
    private final Metrics metrics;
    private final Server server;
    private final ServerConnector connector;
    private final InetAddress bind;
    private final int port;
    private final String address;
    private Gate gate;
    private List<Route> routes;

    /**
     * Opens the folder of the cases, goes on with those that were not finished, and listens.
     *
     * @throws IOException if the folder or the address cannot be used
     */
    public CaseServer(ServeSettings settings, Analysis analysis, ServeLog log) throws IOException {
        this.log = log;
        bind = settings.bind();
        Limits limits = settings.limits();
        ServerSocketChannel listener = listen(settings);
        try {
            store = new CaseStore(settings.data(), limits, log);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        metrics = new Metrics(settings.version());
        runner = new CaseRunner(analysis, store, settings, metrics, log);
        QueuedThreadPool threads = new QueuedThreadPool(limits.uploads() + THREADS);
        threads.setName("http");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(REQUEST_HEADERS);
        http.setHttpCompliance(HttpCompliance.RFC9110);
        http.setUriCompliance(UriCompliance.DEFAULT);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setIdleTimeout(limits.stall().toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(CONNECTIONS, server));
        server.addBean(new SlowHeaders(connector, limits.stall()));
        server.setErrorHandler((request, response, callback) -> {
            new Exchange(request, response, callback).problem(response.getStatus(), "the request is not understood", "see /openapi.yaml");
            return true;
        });
        server.setHandler(new Dispatcher());
        try {
            connector.open(listener);
            port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            address = "http://" + Gate.literal(settings.bind()) + ":" + port + "/";
            gate = new Gate(settings, port);
            Intake intake = new Intake(store, runner, limits, metrics, log);
            gauges(intake);
            routes = new ArrayList<>(new Api(settings, gate, store, intake, metrics).routes());
            routes.addAll(Assets.routes());
            store.waiting().forEach(runner::submit);
            server.start();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        } catch (Exception e) {
            close();
            throw new IOException("the server cannot be started: " + e.getMessage(), e);
        }
    }

    private static ServerSocketChannel listen(ServeSettings settings) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        InetSocketAddress address = new InetSocketAddress(settings.bind(), settings.port());
        try {
            listener.bind(address, 128);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen on " + Gate.literal(settings.bind()) + ":" + settings.port() + ": " + e.getMessage()
                    + (isOurs(settings.bind()) ? "; choose another --port, or --port 0 for any that is free"
                            : "; choose an address of this machine with --bind, or 0.0.0.0 for all of them"), e);
        }
    }

    private static boolean isOurs(InetAddress address) throws IOException {
        return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
    }

    private void gauges(Intake intake) {
        for (CaseState state : CaseState.values()) {
            metrics.gauge("nattrail_cases", Metrics.label("state", state.name().toLowerCase(java.util.Locale.ROOT)), "Cases kept.",
                    () -> store.all().stream().filter(e -> e.record().state() == state).count());
        }
        metrics.gauge("nattrail_cases_waiting", "", "Cases that wait for their analysis.", runner::waiting);
        metrics.gauge("nattrail_analyses_running", "", "Cases being analyzed.", runner::running);
        metrics.gauge("nattrail_uploads_running", "", "Uploads under way.", intake::active);
        metrics.gauge("nattrail_data_bytes", "", "Bytes that the cases take.", () -> store.quota().used());
        metrics.gauge("nattrail_connections", "", "Open connections.", () -> connector.getConnectedEndPoints().size());
    }

    /** Where a browser finds it, with a slash at the end. */
    public String address() {
        return address;
    }

    public int port() {
        return port;
    }

    /** The same for each address of the machine, where it listens on all of them. */
    public List<String> addresses() throws SocketException {
        if (!bind.isAnyLocalAddress()) {
            return List.of(address);
        }
        List<String> found = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress one : Collections.list(each.getInetAddresses())) {
                if (!one.isLinkLocalAddress() && (bind instanceof Inet6Address || one instanceof Inet4Address)) {
                    found.add("http://" + Gate.literal(one) + ":" + port + "/");
                }
            }
        }
        return found;
    }

    /** Waits until the server is closed by another thread. */
    public void join() throws InterruptedException {
        server.join();
    }

    /** Stops taking requests, stops what is analyzed (the next start begins it anew), and releases the folder. */
    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server did not stop: " + e.getMessage(), e);
        } finally {
            runner.close();
            store.close();
        }
    }

    /** The one place where a request finds its route, and where what went wrong becomes an answer. */
    private final class Dispatcher extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Exchange exchange = new Exchange(request, response, callback);
            String[] route = {"none"};
            Request.addCompletionListener(request, failure -> metrics.answered(method(request), route[0], response.getStatus()));
            try {
                gate.admit(request);
                Route found = find(request, exchange);
                route[0] = found.path();
                if (!found.open()) {
                    gate.authenticate(request);
                }
                found.action().answer(exchange);
            } catch (Refusal e) {
                exchange.refuse(e);
            } catch (EofException e) {
                // The client went away.
                exchange.abort(e);
            } catch (IOException | RuntimeException e) {
                failed(exchange, e);
            }
            return true;
        }

        private void failed(Exchange exchange, Exception e) {
            log.log("request failed: " + e, e instanceof RuntimeException ? e : null);
            if (exchange.answered()) {
                exchange.abort(e);
            } else {
                exchange.problem(500, "the server could not do it", "see the server's messages");
            }
        }

        private Route find(Request request, Exchange exchange) {
            String path = request.getHttpURI().getCanonicalPath();
            if (path == null) {
                // OPTIONS * and CONNECT name no path.
                throw Refusal.notFound("there is nothing without a path");
            }
            TreeSet<String> others = new TreeSet<>();
            for (Route route : routes) {
                Map<String, String> parameters = route.match(path);
                if (parameters != null) {
                    if (route.method().equals(request.getMethod())
                            || route.method().equals("GET") && request.getMethod().equals("HEAD")) {
                        exchange.parameters(parameters);
                        return route;
                    }
                    others.add(route.method());
                }
            }
            if (!others.isEmpty()) {
                String allowed = String.join(", ", others);
                throw Refusal.with(405, "the path does not know the method " + method(request), "use " + allowed, "Allow", allowed);
            }
            throw Refusal.notFound("there is nothing at this path");
        }

        /** For metrics: a closed set. */
        private String method(Request request) {
            return switch (request.getMethod()) {
                case "GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS" -> request.getMethod();
                default -> "other";
            };
        }
    }

    /** For tests: what is documented must be here, and the other way round. */
    List<Route> routes() {
        return List.copyOf(routes);
    }
}
