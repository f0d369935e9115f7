// What the verifier refuses of a planned loop: a schedule that can't be expanded.
// RUN: tile-opt %s --split-input-file --verify-diagnostics

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @read_in_a_later_stage(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-note @+1 {{this}}
    %x = arith.addi %i, %n {tile.at = #tile.at<stage = 1, order = 1>} : index
    // expected-error @+1 {{is scheduled before what it reads}}
    %y = arith.addi %x, %n {tile.at = #tile.at<stage = 0, order = 0>} : index
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @read_in_a_later_order(%n: index, %f: i1) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-note @+1 {{this}}
    %x = arith.addi %i, %n {tile.at = #tile.at<stage = 1, order = 1>} : index
    // expected-error @+1 {{is scheduled before what it reads}}
    scf.if %f {
      tile.print "{}" (%x) : index
    } {tile.at = #tile.at<stage = 1, order = 0>}
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @carried_from_a_later_stage(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  %r:2 = tile.for %i = %n to %n step %n iter_args(%p = %n, %q = %n) -> (index, index) attributes {plan = #plan} {
    // expected-error @+1 {{is scheduled before what it reads}}
    %y = arith.addi %q, %n {tile.at = #tile.at<stage = 0, order = 0>} : index
    // expected-note @+1 {{this}}
    %x = arith.addi %i, %n {tile.at = #tile.at<stage = 1, order = 1>} : index
    tile.yield %x, %p : index, index
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @effect_ahead(%n: index, %x: f32, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-error @+1 {{can't run before the last stage, for iterations that may never come}}
    tile.store %x, %b[%i] {tile.at = #tile.at<stage = 0, order = 0>} : f32, !tile.view<?xf32>
    %y = arith.addi %i, %n {tile.at = #tile.at<stage = 1, order = 1>} : index
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @division_ahead(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-error @+1 {{can't run before the last stage, for iterations that may never come}}
    %x = arith.divsi %n, %i {tile.at = #tile.at<stage = 0, order = 0>} : index
    %y = arith.addi %i, %n {tile.at = #tile.at<stage = 1, order = 1>} : index
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @no_load(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-error @+1 {{is no load and can't be issued ahead}}
    %x = arith.addi %i, %n {tile.at = #tile.at<stage = 0, order = 0, ahead = 1, depth = 2>} : index
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @buffers_of_a_scalar(%n: index, %a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    // expected-error @+1 {{reads no tile and can't own buffers}}
    %x = tile.load %a[%i] {binding = #tile.binding<scalar, bytes = 4>, tile.at = #tile.at<stage = 0, order = 0, ahead = 1, depth = 2>} : !tile.view<?xf32> -> f32
  }
  tile.return
}

// -----

#plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "copies", model_stages = 2, shared_bytes = 0>

tile.kernel @one_order(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  // expected-error @+1 {{has two ops with one order}}
  tile.for %i = %n to %n step %n attributes {plan = #plan} {
    %x = arith.addi %i, %n {tile.at = #tile.at<stage = 0, order = 3>} : index
    %y = arith.addi %i, %n {tile.at = #tile.at<stage = 0, order = 3>} : index
  }
  tile.return
}

// -----

tile.kernel @far_stage(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  // expected-error @+1 {{a schedule has at most 4096 stages}}
  %x = arith.addi %n, %n {tile.at = #tile.at<stage = 1000000000, order = 3>} : index
  tile.return
}

// -----

tile.kernel @not_ahead(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  // expected-error @+1 {{a load that owns buffers is issued at least one iteration ahead}}
  %x = arith.addi %n, %n {tile.at = #tile.at<stage = 1, order = 3, depth = 1>} : index
  tile.return
}
