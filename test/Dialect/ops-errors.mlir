// What the verifiers refuse, one test for each.
// RUN: tile-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{a view has at least one axis}}
tile.kernel @view_without_axes(%a: !tile.view<f32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{'complex<f32>' is no element type}}
tile.kernel @view_of_no_element(%a: !tile.view<?xcomplex<f32>> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{'unit_axis' is an axis, or -1}}
tile.kernel @unit_axis(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = -2>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{alignments are powers of two}}
tile.kernel @alignment(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 12>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{a view that a tensor map describes has a unit axis and is aligned to 16 bytes}}
tile.kernel @tensor_map(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 8, tensor_map = true>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{argument 0 has no axis 1}}
tile.kernel @facts_beyond_rank(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{argument 0 does not say by 'tile.access' whether it is read or written}}
tile.kernel @no_access(%a: !tile.view<?xf32>) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{argument 0 can't have the attribute 'tile.access'}}
tile.kernel @access_of_scalar(%a: f32 {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{argument 0 is neither a view nor a scalar}}
tile.kernel @tile_argument(%a: tensor<4xf32>) attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error @+1 {{is in phase 'bound' and names no target}}
tile.kernel @no_target() attributes {phase = #tile.phase<bound>} { tile.return }

// -----

tile.kernel @unknown_attribute(%n: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{has the unknown attribute 'tile.colour'}}
  %x = arith.addi %n, %n {tile.colour = 1} : index
  tile.return
}

// -----

tile.kernel @writes_what_is_read(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index, %x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{writes to argument 0, which is only read}}
  tile.store %x, %a[%i] : f32, !tile.view<?xf32>
  tile.return
}

// -----

tile.kernel @indices(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{names 1 indices of a view with 2 axes}}
  %x = tile.load %a[%i] : !tile.view<?x?xf32> -> f32
  tile.return
}

// -----

tile.kernel @width(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{takes 48 elements of an axis, which is no power of two}}
  %x = tile.load %a[%i +: 48] : !tile.view<?xf32> -> tensor<64xf32>
  tile.return
}

// -----

tile.kernel @access_type(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{names a 'tensor<64xf32>', not a 'tensor<32xf32>'}}
  %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<32xf32>
  tile.return
}

// -----

tile.kernel @padding(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{pads with a 'f64' where the view's elements are 'f32'}}
  %x = tile.load %a[%i +: 64] pad 1.0 : f64 : !tile.view<?xf32> -> tensor<64xf32>
  tile.return
}

// -----

tile.kernel @subview(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{keeps 1 axes of '!tile.view<?x?xf32>', which is no '!tile.view<?x?xf32>'}}
  %x = tile.subview %a[%i, %i to %i] : !tile.view<?x?xf32> -> !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @extent(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{asks for axis 1 of a view with 1 axes}}
  %x = tile.extent %a, 1 : !tile.view<?xf32>
  tile.return
}

// -----

tile.kernel @odd_tile(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<48xf32>
  // expected-error @+1 {{must be a tile: a tensor whose extents are powers of two}}
  %s = tile.reduce sum %t, 0 : tensor<48xf32> -> f32
  tile.return
}

// -----

tile.kernel @broadcast(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{axis 0 has 4 elements and can't become 8}}
  %s = tile.broadcast %t : tensor<4xf32> -> tensor<8xf32>
  tile.return
}

// -----

tile.kernel @reshape(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{makes 8 elements of 4}}
  %s = tile.reshape %t : tensor<4xf32> -> tensor<2x4xf32>
  tile.return
}

// -----

tile.kernel @transpose_order(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4x2xf32>
  // expected-error @+1 {{orders the 2 axes of its operand, each once}}
  %s = tile.transpose %t, [0, 0] : tensor<4x2xf32> -> tensor<4x4xf32>
  tile.return
}

// -----

tile.kernel @transpose_type(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4x2xf32>
  // expected-error @+1 {{makes no 'tensor<4x2xf32>' of a 'tensor<4x2xf32>'}}
  %s = tile.transpose %t, [1, 0] : tensor<4x2xf32> -> tensor<4x2xf32>
  tile.return
}

// -----

tile.kernel @join(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{adds a last axis of 2 elements}}
  %s = tile.join %t, %t : tensor<4xf32> -> tensor<8xf32>
  tile.return
}

// -----

tile.kernel @iota() attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{is a tile of one axis of integers}}
  %s = tile.iota : tensor<4xf32>
  tile.return
}

// -----

tile.kernel @reduce_axis(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{folds axis 1 of a tile with 1 axes}}
  %s = tile.reduce sum %t, 1 : tensor<4xf32> -> f32
  tile.return
}

// -----

tile.kernel @reduce_bools(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{any and all fold bools, and nothing else does}}
  %s = tile.reduce any %t, 0 : tensor<4xf32> -> f32
  tile.return
}

// -----

tile.kernel @reduce_result(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{gives a 'index', not a 'f32'}}
  %s = tile.reduce argmin %t, 0 : tensor<4xf32> -> f32
  tile.return
}

// -----

tile.kernel @dot_inner(%x: f32) attributes {phase = #tile.phase<tile>} {
  %a = tensor.splat %x : tensor<4x8xf32>
  %c = tensor.splat %x : tensor<4x4xf32>
  // expected-error @+1 {{multiplies 'tensor<4x8xf32>' by 'tensor<4x8xf32>', whose inner extents differ}}
  %d = tile.dot %a, %a, %c : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x4xf32>
  tile.return
}

// -----

tile.kernel @dot_accumulator(%x: f16) attributes {phase = #tile.phase<tile>} {
  %a = tensor.splat %x : tensor<4x4xf16>
  // expected-error @+1 {{accumulates no 'f16' in 'f16'}}
  %d = tile.dot %a, %a, %a : tensor<4x4xf16>, tensor<4x4xf16> -> tensor<4x4xf16>
  tile.return
}

// -----

tile.kernel @loop_step(%n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{has the step 0; a step is positive}}
  tile.for %i = %c0 to %n step %c0 {
  }
  tile.return
}

// -----

tile.kernel @loop_carries(%n: index, %x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{0-th region iter_arg and 0-th yielded value have different type: 'f32' != 'index'}}
  %r = tile.for %i = %n to %n step %n iter_args(%s = %x) -> (f32) {
    tile.yield %i : index
  }
  tile.return
}

// -----

tile.kernel @ring_too_early() attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{does not belong in phase 'tile', which has no rings yet}}
  %r = tile.ring : !tile.ring<2 x 4xf32>
  tile.return
}

// -----

tile.kernel @loop_too_late(%n: index) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // expected-error @+1 {{does not belong in phase 'pipelined', whose loops are scf.for}}
  tile.for %i = %n to %n step %n {
  }
  tile.return
}

// -----

tile.kernel @unbound_load(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<bound>, target = "cpu"} {
  // expected-error @+1 {{does not belong in phase 'bound', whose loads are bound to a copy mechanism}}
  %x = tile.load %a[%i] : !tile.view<?xf32> -> f32
  tile.return
}

// -----

tile.kernel @unplanned_loop(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  // expected-error @+1 {{does not belong in phase 'planned', whose loops have a plan}}
  tile.for %i = %n to %n step %n {
  }
  tile.return
}

// -----

tile.kernel @op_without_stage(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  tile.for %i = %n to %n step %n attributes {plan = #tile.plan<stages = 2, ii = 1, serial = 1, bound = "dots", model_stages = 2, shared_bytes = 0>} {
    // expected-error @+1 {{in the body of a pipelined loop has no 'tile.at'}}
    %x = arith.addi %i, %i : index
  }
  tile.return
}

// -----

tile.kernel @too_few_buffers(%n: index) attributes {phase = #tile.phase<planned>, target = "cpu"} {
  // expected-error @+1 {{data that is read 2 iterations after its issue needs more than 2 buffers}}
  %x = arith.addi %n, %n {tile.at = #tile.at<stage = 0, order = 0, ahead = 2, depth = 2>} : index
  tile.return
}

// -----

tile.kernel @ring_extents() attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // expected-error @+1 {{the extents of a tile must be powers of two}}
  %r = tile.ring : !tile.ring<2 x 48xf32>
  tile.return
}

// -----

tile.kernel @ring_depth() attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // expected-error @+1 {{a ring has at least one slot}}
  %r = tile.ring : !tile.ring<0 x 64xf32>
  tile.return
}

// -----

tile.kernel @channel_depths() attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %s = tile.ring : !tile.ring<3 x 64xf32>
  // expected-error @+1 {{the rings of a channel have one depth}}
  %c = tile.channel %r, %s : !tile.ring<2 x 64xf32>, !tile.ring<3 x 64xf32>
  tile.return
}

// -----

tile.kernel @ring_of_two_channels() attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %r = tile.ring : !tile.ring<2 x 64xf32>
  // expected-error @+1 {{a ring belongs to one channel}}
  %c = tile.channel %r : !tile.ring<2 x 64xf32>
  %d = tile.channel %r : !tile.ring<2 x 64xf32>
  tile.return
}

// -----

tile.kernel @slot_type(%t: i32) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %c = tile.channel %r : !tile.ring<2 x 64xf32>
  // expected-error @+1 {{names a 'tensor<64xf32>', not a 'tensor<32xf32>'}}
  %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<32xf32>
  tile.return
}

// -----

tile.kernel @view_of_a_choice(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %f: i1, %i: index) attributes {phase = #tile.phase<tile>} {
  %v = arith.select %f, %a, %b : !tile.view<?xf32>
  // expected-error @+1 {{uses a view that is neither an argument nor a part of one}}
  %x = tile.load %v[%i] : !tile.view<?xf32> -> f32
  tile.return
}

// -----

tile.kernel @tensor_of_no_element() attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{makes a 'tensor<4xcomplex<f32>>', which is no tile}}
  %x = arith.constant dense<(1.0, 0.0)> : tensor<4xcomplex<f32>>
  tile.return
}

// -----

tile.kernel @tensor_beyond_counting(%x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{makes a 'tensor<4611686018427387904x4xf32>', which is no tile}}
  %t = tensor.splat %x : tensor<4611686018427387904x4xf32>
  tile.return
}

// -----

tile.kernel @slots_before_rings(%x: f32) attributes {phase = #tile.phase<tile>} {
  %a = tensor.splat %x : tensor<4x4xf32>
  %s = builtin.unrealized_conversion_cast %a : tensor<4x4xf32> to !tile.slot<4x4xf32>
  // expected-error @+1 {{does not belong in phase 'tile', whose dots read no slots yet}}
  %d = tile.dot %s, %s, %a : !tile.slot<4x4xf32>, !tile.slot<4x4xf32> -> tensor<4x4xf32>
  tile.return
}

// -----

tile.kernel @unsigned_floats(%x: f32) attributes {phase = #tile.phase<tile>} {
  %t = tensor.splat %x : tensor<4xf32>
  // expected-error @+1 {{folds unsigned integers, not 'f32'}}
  %s = tile.reduce umin %t, 0 : tensor<4xf32> -> f32
  tile.return
}

// -----

tile.kernel @assert_of_a_number(%x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{asserts a bool or a tile of bools, not a 'f32'}}
  tile.assert %x, "no" : f32
  tile.return
}

// -----

tile.kernel @print_places(%x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{has 2 places for 1 values}}
  tile.print "{} {}" (%x) : f32
  tile.return
}

// -----

tile.kernel @print_signedness(%x: i32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{says of 2 values whether they are unsigned, of 1}}
  tile.print "{}" (%x) {unsigned_values = array<i1: true, false>} : i32
  tile.return
}

// -----

tile.kernel @slot_extents(%t: i32) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %c = tile.channel %r : !tile.ring<2 x 64xf32>
  // expected-error @+1 {{the extents of a tile must be powers of two}}
  %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<48xf32>
  tile.return
}

// -----

tile.kernel @clipped_extent(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{gives a clipped view, whose extents are not known}}
  %x = tile.subview %a[%i to %i] : !tile.view<?xf32> -> !tile.view<8xf32>
  tile.return
}

// -----

tile.kernel @no_layout(%x: !tile.view<?xf32> {tile.access = #tile.access<in>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{makes a 'tensor<64xf32>' in phase 'placed', where tiles have a layout}}
  %a = tile.load %x[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  tile.return
}

// -----

tile.kernel @early_layout(%x: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{in phase 'tile', where tiles have no layout}}
  %a = tile.load %x[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>>
  tile.return
}

// -----

// expected-error @+1 {{does not say how many warps it has}}
tile.kernel @no_warps() attributes {phase = #tile.phase<placed>, target = "sm_80"} {
  tile.return
}

// -----

// expected-error @+1 {{does not say how much shared memory it takes}}
tile.kernel @no_shared() attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4 : i64} {
  tile.return
}

// -----

tile.kernel @early_barrier() attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 4 : i64} {
  // expected-error @+1 {{does not belong in phase 'placed', whose waits are those of channels}}
  tile.barrier
  tile.return
}

// -----

tile.kernel @late_channel() attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4 : i64, shared_bytes = 0 : i64} {
  %r = tile.ring : !tile.ring<2 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
  // expected-error @+1 {{does not belong in phase 'synchronised', which waits as the hardware does}}
  %c = tile.channel %r : !tile.ring<2 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.return
}

// -----

tile.kernel @no_swizzle() attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 4 : i64} {
  // expected-error @+1 {{where it is said how slots lie in shared memory}}
  %r = tile.ring : !tile.ring<2 x 64xf32>
  tile.return
}

// -----

// expected-error @+1 {{coordinate 64 lies outside the tile}}
func.func private @f(tensor<64xf32, #tile.layout<64, register = [[64]], lane = [], warp = []>>)

// -----

// expected-error @+1 {{a column has a coordinate for each axis}}
func.func private @f(tensor<8x8xf32, #tile.layout<8x8, register = [[1]], lane = [], warp = []>>)

// -----

// expected-error @+1 {{'span' is 0, 32, 64 or 128}}
func.func private @f(!tile.slot<8x8xf32, #tile.swizzle<unit = 0, span = 16>>)

// -----

// expected-error @+1 {{a tile of 2 axes has no axis 2}}
func.func private @f(!tile.slot<8x8xf32, #tile.swizzle<unit = 2, span = 0>>)

// -----

tile.kernel @other_tile(%s: f32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1 : i64} {
  %a = tensor.splat %s : tensor<2x32xf32, #tile.layout<2x32, register = [[1, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16]], warp = []>>
  // expected-error @+1 {{changes the layout alone}}
  %b = tile.convert_layout %a : tensor<2x32xf32, #tile.layout<2x32, register = [[1, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16]], warp = []>> -> tensor<64xf32, #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>>
  tile.return
}

// -----

tile.kernel @permute(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  // expected-error @below {{orders the 2 axes of its view, each once}}
  %x = tile.permute %a, [1, 1] : !tile.view<?x?xf32> -> !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @permute_type(%a: !tile.view<?x8xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  // expected-error @below {{makes no '!tile.view<?x8xf32>' of a '!tile.view<?x8xf32>'}}
  %x = tile.permute %a, [1, 0] : !tile.view<?x8xf32> -> !tile.view<?x8xf32>
  tile.return
}

// -----

// expected-error @+1 {{'tile.overrides' must be a dictionary}}
tile.kernel @overrides(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>, tile.overrides = 2 : i64} { tile.return }

// -----

// expected-error @+1 {{'tile.overrides' doesn't take teams = 3}}
tile.kernel @overrides(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>, tile.overrides = {plain = 1 : i64, teams = 3 : i64}} { tile.return }

// -----

// expected-error @+1 {{'tile.overrides' doesn't take colour = 1}}
tile.kernel @overrides(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>, tile.overrides = {colour = 1 : i64}} { tile.return }
