/** Views of frames and headers where they lie, and the decoder that walks them. Reused per reader, allocation-free. */
package io.nattrail.wire;
