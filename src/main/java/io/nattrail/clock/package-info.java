/** Offset and drift of each point's clock, as guaranteed intervals, from packets that cross between the points. */
package io.nattrail.clock;
