package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked up is what a walk over all flows in order of their numbers finds. */
class FrontFactsTest {
    private static final Endpoint[] ENDPOINTS = {null, endpoint("10.244.1.2"), endpoint("10.244.1.3"), endpoint("10.244.0.3")};
    private static final String[] NODES = {null, "node-1", "node-2"};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void findsWhatAWalkFinds(int seed) {
        Random random = new Random(seed);
        List<FlowFact> walked = new ArrayList<>();
        FrontFacts facts = new FrontFacts();
        for (int id = 1; id <= 60; id++) {
            FlowFact fact = fact(id, random);
            walked.add(fact);
            facts.add(fact, true, true);
        }
        facts.seal();

        for (FlowFact own : walked) {
            Endpoint endpoint = own.endpoint();
            IpAddress client = own.original().source().address();
            if (endpoint != null) {
                assertThat(facts.answersWithout(endpoint)).isEqualTo(walked.stream().anyMatch(f -> f.answered()
                        && !endpoint.equals(f.endpoint())));
                assertThat(facts.firstAnswered(endpoint)).isSameAs(first(walked.stream().filter(f -> f.answered()
                        && endpoint.equals(f.endpoint())).toList()));
                assertThat(facts.lastAnsweredByAnother(endpoint, own.id())).isSameAs(last(walked.stream().filter(f -> f.id() > own.id()
                        && f.answered() && f.endpoint() != null && !f.endpoint().equals(endpoint)).toList()));
                assertThat(facts.forwardedAt(endpoint, own.start(), 5, own.id())).isSameAs(first(walked.stream().filter(f ->
                        endpoint.equals(f.endpoint()) && f.id() != own.id() && f.firstSynForwarded() && f.sent() != Long.MAX_VALUE
                                && Math.abs(f.sent() - own.start()) <= 5).toList()));
            }
            assertThat(facts.repliedBefore(client, own.entryNode(), own.id())).isSameAs(last(walked.stream().filter(f -> f.id() < own.id()
                    && f.original().source().address().equals(client) && f.entryNode() != null && Objects.equals(f.entryNode(),
                            own.entryNode()) && f.endpoint() != null && f.replied()).toList()));
        }
    }

    private static FlowFact first(List<FlowFact> facts) {
        return facts.isEmpty() ? null : facts.get(0);
    }

    private static FlowFact last(List<FlowFact> facts) {
        return facts.isEmpty() ? null : facts.get(facts.size() - 1);
    }

    private static FlowFact fact(int id, Random random) {
        FiveTuple original = new FiveTuple(Protocol.TCP, new Endpoint(IpAddress.parse("10.241.0." + random.nextInt(3)), 40_000 + id),
                new Endpoint(IpAddress.parse("10.240.0.4"), 32_000));
        return new FlowFact(id, Protocol.TCP, original, null, ENDPOINTS[random.nextInt(4)], null, NODES[random.nextInt(3)],
                random.nextInt(100), 200, 0, random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(100), random.nextBoolean(),
                random.nextInt(20) == 0, random.nextBoolean(), random.nextBoolean(), false, Long.MIN_VALUE, false, 0, 0, false,
                null, Long.MIN_VALUE);
    }

    private static Endpoint endpoint(String address) {
        return new Endpoint(IpAddress.parse(address), 8443);
    }
}
