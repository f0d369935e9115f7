// Every loop and every load says what became of it.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan))' --remarks-filter=pipeline

tile.kernel @pipelined(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %t: !tile.view<?xindex> {tile.access = #tile.access<in>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{3 stages, an iteration every}}
  tile.for %i = %c0 to %n step %c64 stages(3) {
    // expected-remark @+1 {{3 buffers of 256 bytes, issued 2 iterations ahead}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    // expected-remark @+1 {{carried as a value, read 2 iterations ahead}}
    %p = tile.load %t[%i] : !tile.view<?xindex> -> index
    tile.store %x, %b[%p +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

tile.kernel @one_stage(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{it asks for one stage}}
  tile.for %i = %c0 to %n step %c64 stages(1) {
    // expected-remark @+1 {{its loop is not pipelined: it asks for one stage", Suggestion="the model would choose 5 stages}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

tile.kernel @loads_nothing(%b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %x: f32)
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{it loads nothing}}
  tile.for %i = %c0 to %n step %c1 {
    tile.store %x, %b[%i] : f32, !tile.view<?xf32>
  }
  tile.return
}

// -----

tile.kernel @runs_once(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{it runs at most one iteration}}
  tile.for %i = %c0 to %c64 step %c64 stages(3) {
    // expected-remark @+1 {{its loop is not pipelined: it runs at most one iteration}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

tile.kernel @inside_a_condition(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %flag: i1) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{2 stages}}
  tile.for %i = %c0 to %n step %c64 stages(2) {
    // expected-remark @+1 {{2 buffers}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    scf.if %flag {
      // expected-remark @+1 {{it stands inside a condition or a while loop", Suggestion="load before it}}
      %y = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      tile.store %y, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    }
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

tile.kernel @written_in_the_loop(
    %a: !tile.view<?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 0, align = 16>}, %n: index)
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{none of its loads can be issued ahead of its iteration}}
  tile.for %i = %c0 to %n step %c64 stages(2) {
    // expected-remark @+1 {{the loop also writes to its view", Suggestion="write to another view}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %a[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

// What the copy engine can't take goes through registers, and the verdict says why.
tile.kernel @staged(%a: !tile.view<?xf16> {tile.access = #tile.access<in>}, %b: !tile.view<?xf16> {tile.access = #tile.access<out>},
                            %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // expected-remark @+1 {{2 stages}}
  tile.for %i = %c0 to %n step %c64 stages(2) {
    // expected-remark @+1 {{2 buffers of 128 bytes, issued 1 iterations ahead, through registers: the copy engine moves no pieces of 2 bytes}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf16> -> tensor<64xf16>
    tile.store %x, %b[%i +: 64] : tensor<64xf16>, !tile.view<?xf16>
  }
  tile.return
}

// -----

tile.kernel @pointer_chase(%t: !tile.view<?xindex> {tile.access = #tile.access<in>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{none of its loads}}
  %r = tile.for %i = %c0 to %n step %c1 iter_args(%p = %c0) -> (index) stages(2) {
    // expected-remark @+1 {{its address depends on what it read in the iteration before}}
    %next = tile.load %t[%p] : !tile.view<?xindex> -> index
    tile.yield %next : index
  }
  tile.return
}

// -----

tile.kernel @address_of_a_loop(%t: !tile.view<?xindex> {tile.access = #tile.access<in>}, %b: !tile.view<?xindex> {tile.access = #tile.access<out>},
                               %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{none of its loads}}
  tile.for %i = %c0 to %n step %c1 stages(2) {
    // expected-remark @+1 {{it loads nothing}}
    %q = tile.for %j = %c0 to %i step %c1 iter_args(%p = %c0) -> (index) {
      %s = arith.addi %p, %j : index
      tile.yield %s : index
    }
    // expected-remark @+1 {{its address is computed by a loop or a condition", Suggestion="compute the address from the loop's index}}
    %x = tile.load %t[%q] : !tile.view<?xindex> -> index
    tile.store %x, %b[%i] : index, !tile.view<?xindex>
  }
  tile.return
}

// -----

tile.kernel @address_of_a_load_that_stays(%t: !tile.view<?xindex> {tile.access = #tile.access<inout>},
                                          %u: !tile.view<?xindex> {tile.access = #tile.access<in>}, %n: index)
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{none of its loads}}
  tile.for %i = %c0 to %n step %c1 stages(2) {
    // expected-remark @+1 {{the loop also writes to its view}}
    %p = tile.load %t[%i] : !tile.view<?xindex> -> index
    // expected-remark @+1 {{its address depends on a load that stays where it is}}
    %x = tile.load %u[%p] : !tile.view<?xindex> -> index
    tile.store %x, %t[%i] : index, !tile.view<?xindex>
  }
  tile.return
}

// -----

tile.kernel @address_that_may_fault(%u: !tile.view<?xindex> {tile.access = #tile.access<in>}, %b: !tile.view<?xindex> {tile.access = #tile.access<out>},
                                    %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{none of its loads}}
  tile.for %i = %c0 to %n step %c1 stages(2) {
    %q = arith.divui %n, %i : index
    // expected-remark @+1 {{its address needs a division, shift or conversion that could fail past the loop's end", Suggestion="divide and shift by constants}}
    %x = tile.load %u[%q] : !tile.view<?xindex> -> index
    tile.store %x, %b[%i] : index, !tile.view<?xindex>
  }
  tile.return
}

// -----

// What nobody fits twice into the target's memory is left alone when the count is the model's to choose.
tile.kernel @no_room(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  // expected-remark @+1 {{not even two buffers of its loads fit the target's memory}}
  tile.for %i = %c0 to %n step %c128 {
    // expected-remark @+1 {{its loop is not pipelined: not even two buffers}}
    %x = tile.load %a[%c0 +: 256, %i +: 128] : !tile.view<?x?xf32> -> tensor<256x128xf32>
    tile.store %x, %b[%c0 +: 256, %i +: 128] : tensor<256x128xf32>, !tile.view<?x?xf32>
  }
  tile.return
}

// -----

tile.kernel @while(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
                   %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  // expected-remark @+1 {{a while loop does not know that another iteration comes", Suggestion="write it as a for loop"}}
  %r = scf.while (%i = %n) : (index) -> index {
    %more = arith.cmpi sgt, %i, %n : index
    scf.condition(%more) %i : index
  } do {
  ^bb0(%i: index):
    // expected-remark @+1 {{its loop is not pipelined: a while loop does not know that another iteration comes}}
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %i : index
  }
  tile.return
}

// -----

tile.kernel @address_that_may_be_undefined(%u: !tile.view<?xindex> {tile.access = #tile.access<in>},
                                           %b: !tile.view<?xindex> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{2 stages}}
  tile.for %i = %c0 to %n step %c1 stages(2) {
    %q = arith.shli %c1, %i : index
    // expected-remark @+1 {{its address needs a division, shift or conversion that could fail}}
    %x = tile.load %u[%q] : !tile.view<?xindex> -> index
    %r = arith.shli %i, %c1 : index
    // expected-remark @+1 {{carried as a value}}
    %y = tile.load %u[%r] : !tile.view<?xindex> -> index
    %z = arith.addi %x, %y : index
    tile.store %z, %b[%i] : index, !tile.view<?xindex>
  }
  tile.return
}
