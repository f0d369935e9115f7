// Layouts that don't keep the rules of phase 'placed'. What is written by hand is checked before it is synchronised.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))'

#x = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
#y = #tile.layout<32, register = [], lane = [[2], [1], [4], [8], [16]], warp = []>
tile.kernel @elementwise(%f: f32, %v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %s = tensor.splat %f : tensor<32xf32, #x>
  %e = tensor.splat %v : tensor<32xi32, #y>
  // expected-error @+1 {{works on each element by itself, and its tiles differ in their layouts}}
  %a = math.fpowi %s, %e : tensor<32xf32, #x>, tensor<32xi32, #y>
  tile.return
}

// -----

#x = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
tile.kernel @warps(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  // expected-error @+1 {{has a tile whose layout is of 32 lanes and 1 warps; a program has 32 and 2}}
  %s = tensor.splat %v : tensor<32xi32, #x>
  tile.return
}

// -----

#x = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [0]], warp = []>
tile.kernel @missing(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  // expected-error @+1 {{has a tile of which no thread holds some elements}}
  %s = tensor.splat %v : tensor<32xi32, #x>
  tile.return
}

// -----

#x = #tile.layout<32x1, register = [], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = []>
#y = #tile.layout<32x32, register = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16]], warp = []>
tile.kernel @broadcast(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %s = tensor.splat %v : tensor<32x1xi32, #x>
  // expected-error @+1 {{moves no data between threads, and its result holds what other threads have}}
  %b = tile.broadcast %s : tensor<32x1xi32, #x> -> tensor<32x32xi32, #y>
  tile.return
}

// -----

#x = #tile.layout<16, register = [], lane = [[1], [2], [4], [8], [0]], warp = []>
#y = #tile.layout<16x2, register = [], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [0, 1]], warp = []>
tile.kernel @join(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %s = tensor.splat %v : tensor<16xi32, #x>
  // expected-error @+1 {{moves no data between threads, and its result holds what other threads have}}
  %j = tile.join %s, %s : tensor<16xi32, #x> -> tensor<16x2xi32, #y>
  tile.return
}

// -----

#x = #tile.layout<64, register = [], lane = [[1], [2], [4], [8], [16]], warp = [[32]]>
tile.kernel @fold(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %s = tensor.splat %v : tensor<64xi32, #x>
  // expected-error @+1 {{folds an axis that runs over warps}}
  %r = tile.reduce sum %s, 0 : tensor<64xi32, #x> -> i32
  tile.return
}

// -----

#x = #tile.layout<32x2, register = [[0, 1]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = []>
#y = #tile.layout<32, register = [], lane = [[2], [1], [4], [8], [16]], warp = []>
tile.kernel @folded(%v: i32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %s = tensor.splat %v : tensor<32x2xi32, #x>
  // expected-error @+1 {{gives a tile whose layout is not its operand's without the axis}}
  %r = tile.reduce sum %s, 1 : tensor<32x2xi32, #x> -> tensor<32xi32, #y>
  tile.return
}

// -----

#acc = #tile.layout<16x8, register = [[8, 0], [0, 1]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#a = #tile.layout<16x16, register = [[0, 1], [8, 0], [0, 8]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#b = #tile.layout<16x8, register = [[1, 0], [8, 0]], lane = [[2, 0], [4, 0], [0, 1], [0, 2], [0, 4]], warp = []>
tile.kernel @accumulator(%h: f16, %f: f32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %a = tensor.splat %h : tensor<16x16xf16, #a>
  %b = tensor.splat %h : tensor<16x8xf16, #b>
  %c = tensor.splat %f : tensor<16x8xf32, #acc>
  // expected-error @+1 {{has an accumulator that is no layout of its instruction}}
  %d = tile.dot %a, %b, %c {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<16x16xf16, #a>, tensor<16x8xf16, #b> -> tensor<16x8xf32, #acc>
  tile.return
}

// -----

#acc = #tile.layout<16x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#a = #tile.layout<16x16, register = [[0, 1], [0, 8], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#b = #tile.layout<16x8, register = [[1, 0], [8, 0]], lane = [[2, 0], [4, 0], [0, 1], [0, 2], [0, 4]], warp = []>
tile.kernel @operand(%h: f16, %f: f32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %a = tensor.splat %h : tensor<16x16xf16, #a>
  %b = tensor.splat %h : tensor<16x8xf16, #b>
  %c = tensor.splat %f : tensor<16x8xf32, #acc>
  // expected-error @+1 {{has an operand that is no layout of its instruction}}
  %d = tile.dot %a, %b, %c {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<16x16xf16, #a>, tensor<16x8xf16, #b> -> tensor<16x8xf32, #acc>
  tile.return
}

// -----

#acc = #tile.layout<8x8, register = [[0, 1]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
tile.kernel @small(%h: f16, %f: f32) attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  %a = tensor.splat %h : tensor<8x8xf16, #acc>
  %c = tensor.splat %f : tensor<8x8xf32, #acc>
  // expected-error @+1 {{is smaller than the instruction that it is bound to}}
  %d = tile.dot %a, %a, %c {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<8x8xf16, #acc>, tensor<8x8xf16, #acc> -> tensor<8x8xf32, #acc>
  tile.return
}

// -----

tile.kernel @swizzle() attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 1} {
  // expected-error @+1 {{whose fastest axis is shorter than a span of its swizzle}}
  %r = tile.ring : !tile.ring<2 x 64x32xf16, #tile.swizzle<unit = 1, span = 128>>
  tile.return
}
