/** Frames to legs: the flow tables of one capture point, and the rows kept of each packet. */
package io.nattrail.leg;
