// Which kernels take the form of sm_90a, and why others don't.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --tile-bind=target=sm_90a --remarks-filter=pipeline -o /dev/null

// Taken: two warpgroups for 128 rows and more.
// expected-remark @+1 {{specialised: 8 warps multiply, one more issues tensor copies}}
tile.kernel @taken(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<128x128xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<64x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x128xbf16> -> tensor<128x128xf32>
    tile.yield %d : tensor<128x128xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Taken: operands of 8 bits, contiguous along k.
// expected-remark @+1 {{specialised: 4 warps}}
tile.kernel @bytes(
    %a: !tile.view<?x?xi8> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xi8> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xi32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xi8>
  %zero = arith.constant dense<0> : tensor<64x64xi32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xi32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xi8> -> tensor<64x64xi8>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xi8> -> tensor<64x64xi8>
    %d = tile.dot %x, %y, %acc : tensor<64x64xi8>, tensor<64x64xi8> -> tensor<64x64xi32>
    tile.yield %d : tensor<64x64xi32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xi32>, !tile.view<?x?xi32>
  tile.return
}

// -----

// Taken: tf32.
// expected-remark @+1 {{specialised: 4 warps}}
tile.kernel @tf32(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = tile.dot %x, %y, %acc {precision = #tile<precision tf32>} : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// What a tile is stored through has to fit beside the buffers.
// expected-remark @+1 {{not specialised: 229376 bytes of buffers and 32768 that its results are stored through don't fit into 231424", Suggestion="ask for fewer stages, or make the tiles smaller}}
tile.kernel @many_stages(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<128x128xf32>) stages(7) {
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<64x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x128xbf16> -> tensor<128x128xf32>
    tile.yield %d : tensor<128x128xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @checked(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %ok: i1) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark @+1 {{not specialised: it asserts or prints", Suggestion="build it without checks}}
  tile.assert %ok, "no" : i1
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The outer condition keeps the loop from being walked through by a producer.
tile.kernel @condition(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %ok: i1) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  scf.if %ok {
    %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) {
      %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
      %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
      // expected-remark @+1 {{not specialised: a dot stands inside a condition or a while loop}}
      %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
      tile.yield %d : tensor<64x64xf32>
    }
    tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  }
  tile.return
}

// -----

tile.kernel @no_loop(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %p = tile.load %a[%c0 +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
  // expected-remark @+1 {{not specialised: a dot stands in no loop}}
  %q = tile.dot %p, %p, %zero : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @one_stage(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark @+1 {{not specialised: a loop with dots asks for one stage}}
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(1) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @runs_once(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark @+1 {{not specialised: a loop with dots runs at most one iteration}}
  %r = tile.for %i = %c0 to %ck step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @computed(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %h = arith.addf %y, %y : tensor<64x64xbf16>
    %g = arith.addf %x, %x : tensor<64x64xbf16>
  // expected-remark @+1 {{not specialised: the second operand of a dot is not loaded in its loop, and only the first may be in registers}}
    %d = tile.dot %g, %h, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @transposed_late(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %e = arith.addf %x, %x : tensor<64x64xbf16>
    %h = tile.transpose %e, [1, 0] : tensor<64x64xbf16> -> tensor<64x64xbf16>
  // expected-remark @+1 {{not specialised: an operand of a dot is transposed after it was computed, or also read as it was}}
    %d = tile.dot %h, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @written_in_loop(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: an operand of a dot can't be loaded ahead: the loop also writes to its view}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.store %x, %a[%c0 +: 64, %i +: 64] : tensor<64x64xbf16>, !tile.view<?x?xbf16>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @written_later(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: an operand's view is also written}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Taken: threads copy what no tensor map describes, if it is in pieces of 4 bytes.
// expected-remark @+1 {{specialised: 4 warps multiply, four more copy; workers}}
tile.kernel @part(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %part = tile.subview %a[%c0 to %k, %c0 to %k] : !tile.view<?x?xbf16> -> !tile.view<?x?xbf16>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %part[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// expected-remark @+1 {{specialised: 8 warps multiply, four more copy; workers}}
tile.kernel @wide(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<512x16xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<512x16xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 512, %i +: 64] : !tile.view<?x?xbf16> -> tensor<512x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 16] : !tile.view<?x?xbf16> -> tensor<64x16xbf16>
    %d = tile.dot %x, %y, %acc : tensor<512x64xbf16>, tensor<64x16xbf16> -> tensor<512x16xf32>
    tile.yield %d : tensor<512x16xf32>
  }
  // expected-remark @+1 {{by the threads: it has an extent above 256", Suggestion="make the tile smaller}}
  tile.store %r, %c[%c0 +: 512, %c0 +: 16] : tensor<512x16xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @strided(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = -1, align = 16>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: an operand of a dot is not contiguous along an axis of the tile}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// expected-remark @+1 {{specialised: 4 warps multiply, four more copy; workers}}
tile.kernel @unaligned(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 8>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Nothing copies pieces of 2 bytes.
tile.kernel @odd_rows(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 2>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: an operand of a dot starts its rows at no multiple of 4 bytes, as far as is known", Suggestion="align the rows to 16 bytes}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Where a row is entered is known only to a launch.
tile.kernel @odd_start(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %start: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %start to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: an operand of a dot starts at no multiple of 16 bytes of a row, as far as is known", Suggestion="begin at a multiple of 16 bytes"}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// expected-remark @+1 {{specialised: 4 warps multiply, four more copy; workers}}
tile.kernel @no_map(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @short_rows(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x8xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x8xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    // expected-remark @+1 {{not specialised: an operand of a dot has rows of less than 32 bytes}}
    %y = tile.load %b[%i +: 64, %c0 +: 8] : !tile.view<?x?xbf16> -> tensor<64x8xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x8xbf16> -> tensor<64x8xf32>
    tile.yield %d : tensor<64x8xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 8] : tensor<64x8xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @padded(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
  // expected-remark @+1 {{not specialised: tensor copies pad with zeros only}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] pad 1.0 : bf16 : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @bytes_across(
    %a: !tile.view<?x?xi8> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xi8> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xi32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xi8>
  %zero = arith.constant dense<0> : tensor<64x64xi32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xi32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xi8> -> tensor<64x64xi8>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xi8> -> tensor<64x64xi8>
  // expected-remark @+1 {{not specialised: operands of other than 16 bits are multiplied only along their contiguous axes}}
    %d = tile.dot %x, %y, %acc : tensor<64x64xi8>, tensor<64x64xi8> -> tensor<64x64xi32>
    tile.yield %d : tensor<64x64xi32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xi32>, !tile.view<?x?xi32>
  tile.return
}

// -----

tile.kernel @flat(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<32x32xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<32x32xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 32, %i +: 64] : !tile.view<?x?xbf16> -> tensor<32x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 32] : !tile.view<?x?xbf16> -> tensor<64x32xbf16>
  // expected-remark @+1 {{not specialised: a dot has 32 rows, and a warpgroup multiplies 64}}
    %d = tile.dot %x, %y, %acc : tensor<32x64xbf16>, tensor<64x32xbf16> -> tensor<32x32xf32>
    tile.yield %d : tensor<32x32xf32>
  }
  tile.store %r, %c[%c0 +: 32, %c0 +: 32] : tensor<32x32xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @other_load(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %e: !tile.view<?x?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    // expected-remark @+1 {{not specialised: a tile that is computed with is not contiguous along an axis of the tile, as far as is known}}
    %o = tile.load %e[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @padded_load(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %e: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    // expected-remark @+1 {{not specialised: a tile that is computed with can't be brought by tensor copies}}
    %o = tile.load %e[%c0 +: 64, %i +: 64] pad 1.0 : f32 : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @other_loop(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %none = arith.constant dense<0.0> : tensor<64x64xbf16>
  %s = tile.for %i = %c0 to %k step %ck iter_args(%acc = %none) -> (tensor<64x64xbf16>) {
    // expected-remark @+1 {{not specialised: a loop without dots loads a tile}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = arith.addf %x, %acc : tensor<64x64xbf16>
    tile.yield %d : tensor<64x64xbf16>
  }
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %s, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @large_operand(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 256 : index
  %n = tile.extent %b, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x256xf32>
  %x = tile.load %a[%c0 +: 64, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
  %w = tile.load %a[%ck +: 64, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
  %r = tile.for %i = %c0 to %n step %ck iter_args(%acc = %zero) -> (tensor<64x256xf32>) stages(2) {
    %y = tile.load %b[%c0 +: 256, %i +: 256] : !tile.view<?x?xbf16> -> tensor<256x256xbf16>
    // expected-remark @+1 {{not specialised: the sums of its dots and the operands in registers are 32768 elements, and 4 warps hold 24576}}
    %d = tile.dot %x, %y, %acc : tensor<64x256xbf16>, tensor<256x256xbf16> -> tensor<64x256xf32>
    %e = tile.dot %w, %y, %d : tensor<64x256xbf16>, tensor<256x256xbf16> -> tensor<64x256xf32>
    tile.yield %e : tensor<64x256xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 256] : tensor<64x256xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @large_sums(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<128x256xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
  // expected-remark @+1 {{not specialised: the sums of its dots are 65536 elements, and 8 warps hold 32768}}
    %e = tile.dot %x, %y, %zero : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    tile.yield %d : tensor<128x256xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 256] : tensor<128x256xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @tile_bound(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %c0v: !tile.view<?xi32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %w = tile.load %c0v[%c0 +: 64] : !tile.view<?xi32> -> tensor<64xi32>
  // expected-remark @+1 {{not specialised: a producer can't compute the address of a copy or the bounds of its loop: it depends on tiles}}
  %most = tile.reduce max %w, 0 : tensor<64xi32> -> i32
  %to = arith.index_cast %most : i32 to index
  %r = tile.for %i = %c0 to %to step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @written_bound(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %lengths: !tile.view<?xindex> {tile.access = #tile.access<inout>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark @+1 {{not specialised: a producer can't compute the address of a copy or the bounds of its loop: it depends on a view that the kernel also writes}}
  %to = tile.load %lengths[%c0] : !tile.view<?xindex> -> index
  %r = tile.for %i = %c0 to %to step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// expected-remark @+1 {{not specialised: 393216 bytes of buffers and 32768 that its results are stored through don't fit into 231424}}
tile.kernel @no_room(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 256 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<128x256xf32>) {
    %x = tile.load %a[%c0 +: 128, %i +: 256] : !tile.view<?x?xbf16> -> tensor<128x256xbf16>
    %y = tile.load %b[%i +: 256, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<256x256xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x256xbf16>, tensor<256x256xbf16> -> tensor<128x256xf32>
    tile.yield %d : tensor<128x256xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 256] : tensor<128x256xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// What multiplies no matrices by the matrix unit is not asked.
tile.kernel @exact(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    // expected-remark @+1 {{made of multiply-adds: operands of f32 are multiplied exactly", Suggestion="say 'precision = tf32' where 10 of their bits suffice}}
    %d = tile.dot %x, %y, %acc : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Nor is what is smaller than its instruction.
tile.kernel @small(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %ck = arith.constant 8 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %ck iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 8] : !tile.view<?x?xbf16> -> tensor<64x8xbf16>
    %y = tile.load %b[%i +: 8, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<8x64xbf16>
    // expected-remark @+1 {{made of multiply-adds: it is of 64 x 64 x 8, and the matrix unit multiplies 16 x 8 x 16 at once", Suggestion="make the tile larger}}
    %d = tile.dot %x, %y, %acc : tensor<64x8xbf16>, tensor<8x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
