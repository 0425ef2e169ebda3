package io.nattrail.serve;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections whose client sends the lines of a request one byte now and then: the idle time-out never sees them (Slowloris). A
 * connection may bring bytes without completing a request's headers for as long as it may be silent, no longer.
 */
final class SlowHeaders extends AbstractLifeCycle {
    private static final long LOOK_MILLIS = 1000;

    private final ServerConnector connector;
    private final long patience;
    private final Map<EndPoint, Mark> marks = new ConcurrentHashMap<>();
    private volatile Scheduler.Task next;

    /** When a connection had last completed a request's headers, and how many bytes and requests it had brought by then. */
    private record Mark(long requests, long bytes, long nanos) {
    }

    SlowHeaders(ServerConnector connector, Duration patience) {
        this.connector = connector;
        this.patience = patience.toNanos();
    }

    @Override
    protected void doStart() {
        schedule();
    }

    private void schedule() {
        next = connector.getScheduler().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long now = System.nanoTime();
        marks.keySet().retainAll(connector.getConnectedEndPoints());
        for (EndPoint end : connector.getConnectedEndPoints()) {
            Connection connection = end.getConnection();
            if (connection != null) {
                look(end, connection, now);
            }
        }
        if (isStarted()) {
            schedule();
        }
    }

    private void look(EndPoint end, Connection connection, long now) {
        // Requests whose headers are complete, and those answered: more of the first means one is being served, body and all.
        long in = connection.getMessagesIn();
        long out = connection.getMessagesOut();
        Mark mark = marks.get(end);
        if (mark == null || mark.requests() != in || in > out || connection.getBytesIn() == mark.bytes()) {
            marks.put(end, new Mark(in, connection.getBytesIn(), now));
        } else if (now - mark.nanos() > patience) {
            end.close();
        }
    }

    @Override
    protected void doStop() {
        Scheduler.Task task = next;
        if (task != null) {
            task.cancel();
        }
    }
}
