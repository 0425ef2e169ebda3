/**
 * Path templates as data, what the captures could have shown, and the status of each step of a flow.
 *
 * <p>{@link io.nattrail.path.ClusterView} learns from all flows whose addresses are, what services have behind them, and what filters hide.
 * {@link io.nattrail.path.Reconstructor} then finds the path, the nodes and the endpoint of each flow, and {@code StepDraft} the status of
 * its steps. The result is a {@link io.nattrail.path.FlowTrace}.
 */
package io.nattrail.path;
