package io.nattrail.nat;

import io.nattrail.leg.CutQuote;
import io.nattrail.leg.HeadlessDatagram;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.List;

/**
 * What a point's capture leaves out, as its frames tell: by its filter, by its snap length, or because another device carried it.
 *
 * @param only TCP or UDP, if not a single frame is of anything else, not even of ARP; else null
 * @param cutBehindV6 whether the headers of all TCP segments behind IPv6 were cut
 * @param cutBehindV4 the same of IPv4
 * @param headless datagrams that came without their first fragment
 * @param cutQuotes ICMP errors without the ports of what they quote
 * @param answeredUnseen hosts that asked for a neighbour's address and got answers which the capture does not show
 * @param askedUnseen hosts that answered a neighbour's question for their address which the capture does not show
 * @param encrypted packets in which hosts hide others from who looks on
 */
public record LeftOut(Protocol only, boolean cutBehindV6, boolean cutBehindV4, List<HeadlessDatagram> headless, List<CutQuote> cutQuotes,
        List<IpAddress> answeredUnseen, List<IpAddress> askedUnseen, long encrypted) {
    public static final LeftOut NOTHING = new LeftOut(null, false, false, List.of(), List.of(), List.of(), List.of(), 0);

    public LeftOut {
        headless = List.copyOf(headless);
        cutQuotes = List.copyOf(cutQuotes);
        answeredUnseen = List.copyOf(answeredUnseen);
        askedUnseen = List.copyOf(askedUnseen);
    }
}
