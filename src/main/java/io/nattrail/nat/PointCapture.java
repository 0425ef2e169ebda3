package io.nattrail.nat;

import io.nattrail.leg.CapturePoint;
import java.util.List;

/**
 * What was captured at one point.
 *
 * @param files the names of its files, as they are reported
 */
public record PointCapture(CapturePoint point, CaptureWindow window, LeftOut leftOut, List<String> files) {
    public PointCapture {
        files = List.copyOf(files);
    }
}
