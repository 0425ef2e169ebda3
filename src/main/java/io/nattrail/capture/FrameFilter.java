package io.nattrail.capture;

import io.nattrail.wire.FrameView;

/** Which frames a reader hands on. */
@FunctionalInterface
public interface FrameFilter {
    boolean accepts(FrameView frame);
}
