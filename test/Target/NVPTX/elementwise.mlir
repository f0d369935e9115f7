// Every elementwise op for every element type becomes PTX that ptxas takes, without spills where it may have all registers.
// REQUIRES: ptxas
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null | sed /minnctapersm/d > %t.ptx
// RUN: ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s
// CHECK-NOT: error
// CHECK-COUNT-12: 0 bytes spill stores, 0 bytes spill loads

#l = #tile.layout<256, register = [[1]], lane = [[2], [4], [8], [16], [32]], warp = [[64], [128]]>
#facts = #tile.facts<unit_axis = 0>

tile.kernel @floats_f16(%a: !tile.view<?xf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xf16> -> tensor<256xf16, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xf16> -> tensor<256xf16, #l>
  %addf = arith.addf %x, %y : tensor<256xf16, #l>
  %subf = arith.subf %x, %y : tensor<256xf16, #l>
  %mulf = arith.mulf %x, %y : tensor<256xf16, #l>
  %divf = arith.divf %x, %y : tensor<256xf16, #l>
  %remf = arith.remf %x, %y : tensor<256xf16, #l>
  %maximumf = arith.maximumf %x, %y : tensor<256xf16, #l>
  %minimumf = arith.minimumf %x, %y : tensor<256xf16, #l>
  %negf = arith.negf %x : tensor<256xf16, #l>
  %absf = math.absf %x : tensor<256xf16, #l>
  %sqrt = math.sqrt %x : tensor<256xf16, #l>
  %floor = math.floor %x : tensor<256xf16, #l>
  %ceil = math.ceil %x : tensor<256xf16, #l>
  %roundeven = math.roundeven %x : tensor<256xf16, #l>
  %fma = math.fma %x, %y, %x : tensor<256xf16, #l>
  %oeq = arith.cmpf oeq, %x, %y : tensor<256xf16, #l>
  %une = arith.cmpf une, %x, %y : tensor<256xf16, #l>
  %olt = arith.cmpf olt, %x, %y : tensor<256xf16, #l>
  %ole = arith.cmpf ole, %x, %y : tensor<256xf16, #l>
  %ogt = arith.cmpf ogt, %x, %y : tensor<256xf16, #l>
  %oge = arith.cmpf oge, %x, %y : tensor<256xf16, #l>
  %uno = arith.cmpf uno, %x, %y : tensor<256xf16, #l>
  %one = arith.cmpf one, %x, %y : tensor<256xf16, #l>
  %sel = arith.select %olt, %x, %y : tensor<256xi1, #l>, tensor<256xf16, #l>
  %bits = arith.bitcast %x : tensor<256xf16, #l> to tensor<256xi16, #l>
  %to_f32 = arith.extf %x : tensor<256xf16, #l> to tensor<256xf32, #l>
  %to_f64 = arith.extf %x : tensor<256xf16, #l> to tensor<256xf64, #l>
  %to_i8 = arith.fptosi %x : tensor<256xf16, #l> to tensor<256xi8, #l>
  %to_u8 = arith.fptoui %x : tensor<256xf16, #l> to tensor<256xi8, #l>
  %to_i16 = arith.fptosi %x : tensor<256xf16, #l> to tensor<256xi16, #l>
  %to_u16 = arith.fptoui %x : tensor<256xf16, #l> to tensor<256xi16, #l>
  %to_i32 = arith.fptosi %x : tensor<256xf16, #l> to tensor<256xi32, #l>
  %to_u32 = arith.fptoui %x : tensor<256xf16, #l> to tensor<256xi32, #l>
  %to_i64 = arith.fptosi %x : tensor<256xf16, #l> to tensor<256xi64, #l>
  %to_u64 = arith.fptoui %x : tensor<256xf16, #l> to tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addf, %o0[%at0 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subf, %o0[%at1 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %mulf, %o0[%at2 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divf, %o0[%at3 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %remf, %o0[%at4 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %maximumf, %o0[%at5 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %minimumf, %o0[%at6 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %negf, %o0[%at7 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %absf, %o0[%at8 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %sqrt, %o0[%at9 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %floor, %o0[%at10 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ceil, %o0[%at11 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %roundeven, %o0[%at12 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %fma, %o0[%at13 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %oeq, %o1[%at14 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %une, %o1[%at15 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %olt, %o1[%at16 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %ole, %o1[%at17 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %ogt, %o1[%at18 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %oge, %o1[%at19 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %uno, %o1[%at20 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %one, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %sel, %o0[%at22 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %bits, %o2[%at23 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %to_f32, %o3[%at24 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %to_f64, %o4[%at25 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %to_i8, %o5[%at26 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %to_u8, %o5[%at27 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %to_i16, %o2[%at28 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %to_u16, %o2[%at29 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %to_i32, %o6[%at30 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %to_u32, %o6[%at31 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_i64, %o7[%at32 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %to_u64, %o7[%at33 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @floats_bf16(%a: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xbf16> -> tensor<256xbf16, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xbf16> -> tensor<256xbf16, #l>
  %addf = arith.addf %x, %y : tensor<256xbf16, #l>
  %subf = arith.subf %x, %y : tensor<256xbf16, #l>
  %mulf = arith.mulf %x, %y : tensor<256xbf16, #l>
  %divf = arith.divf %x, %y : tensor<256xbf16, #l>
  %remf = arith.remf %x, %y : tensor<256xbf16, #l>
  %maximumf = arith.maximumf %x, %y : tensor<256xbf16, #l>
  %minimumf = arith.minimumf %x, %y : tensor<256xbf16, #l>
  %negf = arith.negf %x : tensor<256xbf16, #l>
  %absf = math.absf %x : tensor<256xbf16, #l>
  %sqrt = math.sqrt %x : tensor<256xbf16, #l>
  %floor = math.floor %x : tensor<256xbf16, #l>
  %ceil = math.ceil %x : tensor<256xbf16, #l>
  %roundeven = math.roundeven %x : tensor<256xbf16, #l>
  %fma = math.fma %x, %y, %x : tensor<256xbf16, #l>
  %oeq = arith.cmpf oeq, %x, %y : tensor<256xbf16, #l>
  %une = arith.cmpf une, %x, %y : tensor<256xbf16, #l>
  %olt = arith.cmpf olt, %x, %y : tensor<256xbf16, #l>
  %ole = arith.cmpf ole, %x, %y : tensor<256xbf16, #l>
  %ogt = arith.cmpf ogt, %x, %y : tensor<256xbf16, #l>
  %oge = arith.cmpf oge, %x, %y : tensor<256xbf16, #l>
  %uno = arith.cmpf uno, %x, %y : tensor<256xbf16, #l>
  %one = arith.cmpf one, %x, %y : tensor<256xbf16, #l>
  %sel = arith.select %olt, %x, %y : tensor<256xi1, #l>, tensor<256xbf16, #l>
  %bits = arith.bitcast %x : tensor<256xbf16, #l> to tensor<256xi16, #l>
  %to_f32 = arith.extf %x : tensor<256xbf16, #l> to tensor<256xf32, #l>
  %to_f64 = arith.extf %x : tensor<256xbf16, #l> to tensor<256xf64, #l>
  %to_i8 = arith.fptosi %x : tensor<256xbf16, #l> to tensor<256xi8, #l>
  %to_u8 = arith.fptoui %x : tensor<256xbf16, #l> to tensor<256xi8, #l>
  %to_i16 = arith.fptosi %x : tensor<256xbf16, #l> to tensor<256xi16, #l>
  %to_u16 = arith.fptoui %x : tensor<256xbf16, #l> to tensor<256xi16, #l>
  %to_i32 = arith.fptosi %x : tensor<256xbf16, #l> to tensor<256xi32, #l>
  %to_u32 = arith.fptoui %x : tensor<256xbf16, #l> to tensor<256xi32, #l>
  %to_i64 = arith.fptosi %x : tensor<256xbf16, #l> to tensor<256xi64, #l>
  %to_u64 = arith.fptoui %x : tensor<256xbf16, #l> to tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addf, %o0[%at0 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subf, %o0[%at1 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %mulf, %o0[%at2 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divf, %o0[%at3 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %remf, %o0[%at4 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %maximumf, %o0[%at5 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %minimumf, %o0[%at6 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %negf, %o0[%at7 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %absf, %o0[%at8 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %sqrt, %o0[%at9 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %floor, %o0[%at10 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ceil, %o0[%at11 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %roundeven, %o0[%at12 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %fma, %o0[%at13 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %oeq, %o1[%at14 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %une, %o1[%at15 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %olt, %o1[%at16 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %ole, %o1[%at17 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %ogt, %o1[%at18 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %oge, %o1[%at19 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %uno, %o1[%at20 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %one, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %sel, %o0[%at22 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %bits, %o2[%at23 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %to_f32, %o3[%at24 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %to_f64, %o4[%at25 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %to_i8, %o5[%at26 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %to_u8, %o5[%at27 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %to_i16, %o2[%at28 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %to_u16, %o2[%at29 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %to_i32, %o6[%at30 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %to_u32, %o6[%at31 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_i64, %o7[%at32 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %to_u64, %o7[%at33 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @floats_f32(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xf32> -> tensor<256xf32, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xf32> -> tensor<256xf32, #l>
  %addf = arith.addf %x, %y : tensor<256xf32, #l>
  %subf = arith.subf %x, %y : tensor<256xf32, #l>
  %mulf = arith.mulf %x, %y : tensor<256xf32, #l>
  %divf = arith.divf %x, %y : tensor<256xf32, #l>
  %remf = arith.remf %x, %y : tensor<256xf32, #l>
  %maximumf = arith.maximumf %x, %y : tensor<256xf32, #l>
  %minimumf = arith.minimumf %x, %y : tensor<256xf32, #l>
  %negf = arith.negf %x : tensor<256xf32, #l>
  %absf = math.absf %x : tensor<256xf32, #l>
  %sqrt = math.sqrt %x : tensor<256xf32, #l>
  %floor = math.floor %x : tensor<256xf32, #l>
  %ceil = math.ceil %x : tensor<256xf32, #l>
  %roundeven = math.roundeven %x : tensor<256xf32, #l>
  %fma = math.fma %x, %y, %x : tensor<256xf32, #l>
  %oeq = arith.cmpf oeq, %x, %y : tensor<256xf32, #l>
  %une = arith.cmpf une, %x, %y : tensor<256xf32, #l>
  %olt = arith.cmpf olt, %x, %y : tensor<256xf32, #l>
  %ole = arith.cmpf ole, %x, %y : tensor<256xf32, #l>
  %ogt = arith.cmpf ogt, %x, %y : tensor<256xf32, #l>
  %oge = arith.cmpf oge, %x, %y : tensor<256xf32, #l>
  %uno = arith.cmpf uno, %x, %y : tensor<256xf32, #l>
  %one = arith.cmpf one, %x, %y : tensor<256xf32, #l>
  %sel = arith.select %olt, %x, %y : tensor<256xi1, #l>, tensor<256xf32, #l>
  %bits = arith.bitcast %x : tensor<256xf32, #l> to tensor<256xi32, #l>
  %to_f16 = arith.truncf %x : tensor<256xf32, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.truncf %x : tensor<256xf32, #l> to tensor<256xbf16, #l>
  %to_f64 = arith.extf %x : tensor<256xf32, #l> to tensor<256xf64, #l>
  %to_i8 = arith.fptosi %x : tensor<256xf32, #l> to tensor<256xi8, #l>
  %to_u8 = arith.fptoui %x : tensor<256xf32, #l> to tensor<256xi8, #l>
  %to_i16 = arith.fptosi %x : tensor<256xf32, #l> to tensor<256xi16, #l>
  %to_u16 = arith.fptoui %x : tensor<256xf32, #l> to tensor<256xi16, #l>
  %to_i32 = arith.fptosi %x : tensor<256xf32, #l> to tensor<256xi32, #l>
  %to_u32 = arith.fptoui %x : tensor<256xf32, #l> to tensor<256xi32, #l>
  %to_i64 = arith.fptosi %x : tensor<256xf32, #l> to tensor<256xi64, #l>
  %to_u64 = arith.fptoui %x : tensor<256xf32, #l> to tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addf, %o0[%at0 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subf, %o0[%at1 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %mulf, %o0[%at2 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divf, %o0[%at3 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %remf, %o0[%at4 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %maximumf, %o0[%at5 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %minimumf, %o0[%at6 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %negf, %o0[%at7 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %absf, %o0[%at8 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %sqrt, %o0[%at9 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %floor, %o0[%at10 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ceil, %o0[%at11 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %roundeven, %o0[%at12 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %fma, %o0[%at13 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %oeq, %o1[%at14 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %une, %o1[%at15 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %olt, %o1[%at16 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %ole, %o1[%at17 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %ogt, %o1[%at18 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %oge, %o1[%at19 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %uno, %o1[%at20 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %one, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %sel, %o0[%at22 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %bits, %o2[%at23 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %to_f16, %o3[%at24 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %to_bf16, %o4[%at25 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %to_f64, %o5[%at26 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %to_i8, %o6[%at27 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %to_u8, %o6[%at28 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %to_i16, %o7[%at29 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %to_u16, %o7[%at30 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %to_i32, %o2[%at31 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_u32, %o2[%at32 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %to_i64, %o8[%at33 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_u64, %o8[%at34 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @floats_f64(%a: !tile.view<?xf64> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xf64> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xf64> -> tensor<256xf64, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xf64> -> tensor<256xf64, #l>
  %addf = arith.addf %x, %y : tensor<256xf64, #l>
  %subf = arith.subf %x, %y : tensor<256xf64, #l>
  %mulf = arith.mulf %x, %y : tensor<256xf64, #l>
  %divf = arith.divf %x, %y : tensor<256xf64, #l>
  %remf = arith.remf %x, %y : tensor<256xf64, #l>
  %maximumf = arith.maximumf %x, %y : tensor<256xf64, #l>
  %minimumf = arith.minimumf %x, %y : tensor<256xf64, #l>
  %negf = arith.negf %x : tensor<256xf64, #l>
  %absf = math.absf %x : tensor<256xf64, #l>
  %sqrt = math.sqrt %x : tensor<256xf64, #l>
  %floor = math.floor %x : tensor<256xf64, #l>
  %ceil = math.ceil %x : tensor<256xf64, #l>
  %roundeven = math.roundeven %x : tensor<256xf64, #l>
  %fma = math.fma %x, %y, %x : tensor<256xf64, #l>
  %oeq = arith.cmpf oeq, %x, %y : tensor<256xf64, #l>
  %une = arith.cmpf une, %x, %y : tensor<256xf64, #l>
  %olt = arith.cmpf olt, %x, %y : tensor<256xf64, #l>
  %ole = arith.cmpf ole, %x, %y : tensor<256xf64, #l>
  %ogt = arith.cmpf ogt, %x, %y : tensor<256xf64, #l>
  %oge = arith.cmpf oge, %x, %y : tensor<256xf64, #l>
  %uno = arith.cmpf uno, %x, %y : tensor<256xf64, #l>
  %one = arith.cmpf one, %x, %y : tensor<256xf64, #l>
  %sel = arith.select %olt, %x, %y : tensor<256xi1, #l>, tensor<256xf64, #l>
  %bits = arith.bitcast %x : tensor<256xf64, #l> to tensor<256xi64, #l>
  %to_f16 = arith.truncf %x : tensor<256xf64, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.truncf %x : tensor<256xf64, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.truncf %x : tensor<256xf64, #l> to tensor<256xf32, #l>
  %to_i8 = arith.fptosi %x : tensor<256xf64, #l> to tensor<256xi8, #l>
  %to_u8 = arith.fptoui %x : tensor<256xf64, #l> to tensor<256xi8, #l>
  %to_i16 = arith.fptosi %x : tensor<256xf64, #l> to tensor<256xi16, #l>
  %to_u16 = arith.fptoui %x : tensor<256xf64, #l> to tensor<256xi16, #l>
  %to_i32 = arith.fptosi %x : tensor<256xf64, #l> to tensor<256xi32, #l>
  %to_u32 = arith.fptoui %x : tensor<256xf64, #l> to tensor<256xi32, #l>
  %to_i64 = arith.fptosi %x : tensor<256xf64, #l> to tensor<256xi64, #l>
  %to_u64 = arith.fptoui %x : tensor<256xf64, #l> to tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addf, %o0[%at0 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subf, %o0[%at1 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %mulf, %o0[%at2 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divf, %o0[%at3 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %remf, %o0[%at4 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %maximumf, %o0[%at5 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %minimumf, %o0[%at6 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %negf, %o0[%at7 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %absf, %o0[%at8 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %sqrt, %o0[%at9 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %floor, %o0[%at10 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ceil, %o0[%at11 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %roundeven, %o0[%at12 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %fma, %o0[%at13 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %oeq, %o1[%at14 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %une, %o1[%at15 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %olt, %o1[%at16 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %ole, %o1[%at17 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %ogt, %o1[%at18 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %oge, %o1[%at19 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %uno, %o1[%at20 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %one, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %sel, %o0[%at22 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %bits, %o2[%at23 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %to_f16, %o3[%at24 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %to_bf16, %o4[%at25 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %to_f32, %o5[%at26 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %to_i8, %o6[%at27 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %to_u8, %o6[%at28 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %to_i16, %o7[%at29 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %to_u16, %o7[%at30 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %to_i32, %o8[%at31 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_u32, %o8[%at32 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %to_i64, %o2[%at33 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_u64, %o2[%at34 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @integers_i8(%a: !tile.view<?xi8> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xi8> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o9: !tile.view<?xindex> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xi8> -> tensor<256xi8, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xi8> -> tensor<256xi8, #l>
  %addi = arith.addi %x, %y : tensor<256xi8, #l>
  %subi = arith.subi %x, %y : tensor<256xi8, #l>
  %muli = arith.muli %x, %y : tensor<256xi8, #l>
  %divsi = arith.divsi %x, %y : tensor<256xi8, #l>
  %divui = arith.divui %x, %y : tensor<256xi8, #l>
  %remsi = arith.remsi %x, %y : tensor<256xi8, #l>
  %remui = arith.remui %x, %y : tensor<256xi8, #l>
  %floordivsi = arith.floordivsi %x, %y : tensor<256xi8, #l>
  %ceildivsi = arith.ceildivsi %x, %y : tensor<256xi8, #l>
  %ceildivui = arith.ceildivui %x, %y : tensor<256xi8, #l>
  %andi = arith.andi %x, %y : tensor<256xi8, #l>
  %ori = arith.ori %x, %y : tensor<256xi8, #l>
  %xori = arith.xori %x, %y : tensor<256xi8, #l>
  %shli = arith.shli %x, %y : tensor<256xi8, #l>
  %shrsi = arith.shrsi %x, %y : tensor<256xi8, #l>
  %shrui = arith.shrui %x, %y : tensor<256xi8, #l>
  %maxsi = arith.maxsi %x, %y : tensor<256xi8, #l>
  %maxui = arith.maxui %x, %y : tensor<256xi8, #l>
  %minsi = arith.minsi %x, %y : tensor<256xi8, #l>
  %minui = arith.minui %x, %y : tensor<256xi8, #l>
  %absi = math.absi %x : tensor<256xi8, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xi8, #l>
  %ne = arith.cmpi ne, %x, %y : tensor<256xi8, #l>
  %slt = arith.cmpi slt, %x, %y : tensor<256xi8, #l>
  %sle = arith.cmpi sle, %x, %y : tensor<256xi8, #l>
  %sgt = arith.cmpi sgt, %x, %y : tensor<256xi8, #l>
  %sge = arith.cmpi sge, %x, %y : tensor<256xi8, #l>
  %ult = arith.cmpi ult, %x, %y : tensor<256xi8, #l>
  %ule = arith.cmpi ule, %x, %y : tensor<256xi8, #l>
  %ugt = arith.cmpi ugt, %x, %y : tensor<256xi8, #l>
  %uge = arith.cmpi uge, %x, %y : tensor<256xi8, #l>
  %sel = arith.select %slt, %x, %y : tensor<256xi1, #l>, tensor<256xi8, #l>
  %to_f16 = arith.sitofp %x : tensor<256xi8, #l> to tensor<256xf16, #l>
  %uto_f16 = arith.uitofp %x : tensor<256xi8, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.sitofp %x : tensor<256xi8, #l> to tensor<256xbf16, #l>
  %uto_bf16 = arith.uitofp %x : tensor<256xi8, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.sitofp %x : tensor<256xi8, #l> to tensor<256xf32, #l>
  %uto_f32 = arith.uitofp %x : tensor<256xi8, #l> to tensor<256xf32, #l>
  %to_f64 = arith.sitofp %x : tensor<256xi8, #l> to tensor<256xf64, #l>
  %uto_f64 = arith.uitofp %x : tensor<256xi8, #l> to tensor<256xf64, #l>
  %to_i1 = arith.trunci %x : tensor<256xi8, #l> to tensor<256xi1, #l>
  %to_i16 = arith.extsi %x : tensor<256xi8, #l> to tensor<256xi16, #l>
  %uto_i16 = arith.extui %x : tensor<256xi8, #l> to tensor<256xi16, #l>
  %to_i32 = arith.extsi %x : tensor<256xi8, #l> to tensor<256xi32, #l>
  %uto_i32 = arith.extui %x : tensor<256xi8, #l> to tensor<256xi32, #l>
  %to_i64 = arith.extsi %x : tensor<256xi8, #l> to tensor<256xi64, #l>
  %uto_i64 = arith.extui %x : tensor<256xi8, #l> to tensor<256xi64, #l>
  %to_index = arith.index_cast %x : tensor<256xi8, #l> to tensor<256xindex, #l>
  %uto_index = arith.index_castui %x : tensor<256xi8, #l> to tensor<256xindex, #l>
  %low, %high = arith.mului_extended %x, %y : tensor<256xi8, #l>
  %slow, %shigh = arith.mulsi_extended %x, %y : tensor<256xi8, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addi, %o0[%at0 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subi, %o0[%at1 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %muli, %o0[%at2 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divsi, %o0[%at3 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %divui, %o0[%at4 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %remsi, %o0[%at5 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %remui, %o0[%at6 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %floordivsi, %o0[%at7 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %ceildivsi, %o0[%at8 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %ceildivui, %o0[%at9 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %andi, %o0[%at10 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ori, %o0[%at11 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %xori, %o0[%at12 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %shli, %o0[%at13 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %shrsi, %o0[%at14 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %shrui, %o0[%at15 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %maxsi, %o0[%at16 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %maxui, %o0[%at17 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %minsi, %o0[%at18 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %minui, %o0[%at19 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %absi, %o0[%at20 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %eq, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %ne, %o1[%at22 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %slt, %o1[%at23 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %sle, %o1[%at24 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %sgt, %o1[%at25 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %sge, %o1[%at26 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %ult, %o1[%at27 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %ule, %o1[%at28 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %ugt, %o1[%at29 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %uge, %o1[%at30 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %sel, %o0[%at31 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_f16, %o2[%at32 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %uto_f16, %o2[%at33 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_bf16, %o3[%at34 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at35 = arith.addi %at34, %c256 : index
  tile.store %uto_bf16, %o3[%at35 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at36 = arith.addi %at35, %c256 : index
  tile.store %to_f32, %o4[%at36 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at37 = arith.addi %at36, %c256 : index
  tile.store %uto_f32, %o4[%at37 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at38 = arith.addi %at37, %c256 : index
  tile.store %to_f64, %o5[%at38 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at39 = arith.addi %at38, %c256 : index
  tile.store %uto_f64, %o5[%at39 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at40 = arith.addi %at39, %c256 : index
  tile.store %to_i1, %o1[%at40 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at41 = arith.addi %at40, %c256 : index
  tile.store %to_i16, %o6[%at41 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at42 = arith.addi %at41, %c256 : index
  tile.store %uto_i16, %o6[%at42 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at43 = arith.addi %at42, %c256 : index
  tile.store %to_i32, %o7[%at43 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at44 = arith.addi %at43, %c256 : index
  tile.store %uto_i32, %o7[%at44 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at45 = arith.addi %at44, %c256 : index
  tile.store %to_i64, %o8[%at45 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at46 = arith.addi %at45, %c256 : index
  tile.store %uto_i64, %o8[%at46 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at47 = arith.addi %at46, %c256 : index
  tile.store %to_index, %o9[%at47 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at48 = arith.addi %at47, %c256 : index
  tile.store %uto_index, %o9[%at48 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at49 = arith.addi %at48, %c256 : index
  tile.store %low, %o0[%at49 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at50 = arith.addi %at49, %c256 : index
  tile.store %high, %o0[%at50 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at51 = arith.addi %at50, %c256 : index
  tile.store %shigh, %o0[%at51 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  tile.return
}

tile.kernel @integers_i16(%a: !tile.view<?xi16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xi16> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o9: !tile.view<?xindex> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xi16> -> tensor<256xi16, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xi16> -> tensor<256xi16, #l>
  %addi = arith.addi %x, %y : tensor<256xi16, #l>
  %subi = arith.subi %x, %y : tensor<256xi16, #l>
  %muli = arith.muli %x, %y : tensor<256xi16, #l>
  %divsi = arith.divsi %x, %y : tensor<256xi16, #l>
  %divui = arith.divui %x, %y : tensor<256xi16, #l>
  %remsi = arith.remsi %x, %y : tensor<256xi16, #l>
  %remui = arith.remui %x, %y : tensor<256xi16, #l>
  %floordivsi = arith.floordivsi %x, %y : tensor<256xi16, #l>
  %ceildivsi = arith.ceildivsi %x, %y : tensor<256xi16, #l>
  %ceildivui = arith.ceildivui %x, %y : tensor<256xi16, #l>
  %andi = arith.andi %x, %y : tensor<256xi16, #l>
  %ori = arith.ori %x, %y : tensor<256xi16, #l>
  %xori = arith.xori %x, %y : tensor<256xi16, #l>
  %shli = arith.shli %x, %y : tensor<256xi16, #l>
  %shrsi = arith.shrsi %x, %y : tensor<256xi16, #l>
  %shrui = arith.shrui %x, %y : tensor<256xi16, #l>
  %maxsi = arith.maxsi %x, %y : tensor<256xi16, #l>
  %maxui = arith.maxui %x, %y : tensor<256xi16, #l>
  %minsi = arith.minsi %x, %y : tensor<256xi16, #l>
  %minui = arith.minui %x, %y : tensor<256xi16, #l>
  %absi = math.absi %x : tensor<256xi16, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xi16, #l>
  %ne = arith.cmpi ne, %x, %y : tensor<256xi16, #l>
  %slt = arith.cmpi slt, %x, %y : tensor<256xi16, #l>
  %sle = arith.cmpi sle, %x, %y : tensor<256xi16, #l>
  %sgt = arith.cmpi sgt, %x, %y : tensor<256xi16, #l>
  %sge = arith.cmpi sge, %x, %y : tensor<256xi16, #l>
  %ult = arith.cmpi ult, %x, %y : tensor<256xi16, #l>
  %ule = arith.cmpi ule, %x, %y : tensor<256xi16, #l>
  %ugt = arith.cmpi ugt, %x, %y : tensor<256xi16, #l>
  %uge = arith.cmpi uge, %x, %y : tensor<256xi16, #l>
  %sel = arith.select %slt, %x, %y : tensor<256xi1, #l>, tensor<256xi16, #l>
  %to_f16 = arith.sitofp %x : tensor<256xi16, #l> to tensor<256xf16, #l>
  %uto_f16 = arith.uitofp %x : tensor<256xi16, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.sitofp %x : tensor<256xi16, #l> to tensor<256xbf16, #l>
  %uto_bf16 = arith.uitofp %x : tensor<256xi16, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.sitofp %x : tensor<256xi16, #l> to tensor<256xf32, #l>
  %uto_f32 = arith.uitofp %x : tensor<256xi16, #l> to tensor<256xf32, #l>
  %to_f64 = arith.sitofp %x : tensor<256xi16, #l> to tensor<256xf64, #l>
  %uto_f64 = arith.uitofp %x : tensor<256xi16, #l> to tensor<256xf64, #l>
  %to_i1 = arith.trunci %x : tensor<256xi16, #l> to tensor<256xi1, #l>
  %to_i8 = arith.trunci %x : tensor<256xi16, #l> to tensor<256xi8, #l>
  %to_i32 = arith.extsi %x : tensor<256xi16, #l> to tensor<256xi32, #l>
  %uto_i32 = arith.extui %x : tensor<256xi16, #l> to tensor<256xi32, #l>
  %to_i64 = arith.extsi %x : tensor<256xi16, #l> to tensor<256xi64, #l>
  %uto_i64 = arith.extui %x : tensor<256xi16, #l> to tensor<256xi64, #l>
  %to_index = arith.index_cast %x : tensor<256xi16, #l> to tensor<256xindex, #l>
  %uto_index = arith.index_castui %x : tensor<256xi16, #l> to tensor<256xindex, #l>
  %low, %high = arith.mului_extended %x, %y : tensor<256xi16, #l>
  %slow, %shigh = arith.mulsi_extended %x, %y : tensor<256xi16, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addi, %o0[%at0 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subi, %o0[%at1 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %muli, %o0[%at2 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divsi, %o0[%at3 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %divui, %o0[%at4 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %remsi, %o0[%at5 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %remui, %o0[%at6 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %floordivsi, %o0[%at7 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %ceildivsi, %o0[%at8 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %ceildivui, %o0[%at9 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %andi, %o0[%at10 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ori, %o0[%at11 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %xori, %o0[%at12 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %shli, %o0[%at13 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %shrsi, %o0[%at14 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %shrui, %o0[%at15 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %maxsi, %o0[%at16 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %maxui, %o0[%at17 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %minsi, %o0[%at18 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %minui, %o0[%at19 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %absi, %o0[%at20 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %eq, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %ne, %o1[%at22 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %slt, %o1[%at23 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %sle, %o1[%at24 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %sgt, %o1[%at25 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %sge, %o1[%at26 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %ult, %o1[%at27 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %ule, %o1[%at28 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %ugt, %o1[%at29 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %uge, %o1[%at30 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %sel, %o0[%at31 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_f16, %o2[%at32 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %uto_f16, %o2[%at33 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_bf16, %o3[%at34 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at35 = arith.addi %at34, %c256 : index
  tile.store %uto_bf16, %o3[%at35 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at36 = arith.addi %at35, %c256 : index
  tile.store %to_f32, %o4[%at36 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at37 = arith.addi %at36, %c256 : index
  tile.store %uto_f32, %o4[%at37 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at38 = arith.addi %at37, %c256 : index
  tile.store %to_f64, %o5[%at38 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at39 = arith.addi %at38, %c256 : index
  tile.store %uto_f64, %o5[%at39 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at40 = arith.addi %at39, %c256 : index
  tile.store %to_i1, %o1[%at40 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at41 = arith.addi %at40, %c256 : index
  tile.store %to_i8, %o6[%at41 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at42 = arith.addi %at41, %c256 : index
  tile.store %to_i32, %o7[%at42 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at43 = arith.addi %at42, %c256 : index
  tile.store %uto_i32, %o7[%at43 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at44 = arith.addi %at43, %c256 : index
  tile.store %to_i64, %o8[%at44 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at45 = arith.addi %at44, %c256 : index
  tile.store %uto_i64, %o8[%at45 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at46 = arith.addi %at45, %c256 : index
  tile.store %to_index, %o9[%at46 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at47 = arith.addi %at46, %c256 : index
  tile.store %uto_index, %o9[%at47 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at48 = arith.addi %at47, %c256 : index
  tile.store %low, %o0[%at48 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at49 = arith.addi %at48, %c256 : index
  tile.store %high, %o0[%at49 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at50 = arith.addi %at49, %c256 : index
  tile.store %shigh, %o0[%at50 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  tile.return
}

tile.kernel @integers_i32(%a: !tile.view<?xi32> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xi32> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o9: !tile.view<?xindex> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xi32> -> tensor<256xi32, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xi32> -> tensor<256xi32, #l>
  %addi = arith.addi %x, %y : tensor<256xi32, #l>
  %subi = arith.subi %x, %y : tensor<256xi32, #l>
  %muli = arith.muli %x, %y : tensor<256xi32, #l>
  %divsi = arith.divsi %x, %y : tensor<256xi32, #l>
  %divui = arith.divui %x, %y : tensor<256xi32, #l>
  %remsi = arith.remsi %x, %y : tensor<256xi32, #l>
  %remui = arith.remui %x, %y : tensor<256xi32, #l>
  %floordivsi = arith.floordivsi %x, %y : tensor<256xi32, #l>
  %ceildivsi = arith.ceildivsi %x, %y : tensor<256xi32, #l>
  %ceildivui = arith.ceildivui %x, %y : tensor<256xi32, #l>
  %andi = arith.andi %x, %y : tensor<256xi32, #l>
  %ori = arith.ori %x, %y : tensor<256xi32, #l>
  %xori = arith.xori %x, %y : tensor<256xi32, #l>
  %shli = arith.shli %x, %y : tensor<256xi32, #l>
  %shrsi = arith.shrsi %x, %y : tensor<256xi32, #l>
  %shrui = arith.shrui %x, %y : tensor<256xi32, #l>
  %maxsi = arith.maxsi %x, %y : tensor<256xi32, #l>
  %maxui = arith.maxui %x, %y : tensor<256xi32, #l>
  %minsi = arith.minsi %x, %y : tensor<256xi32, #l>
  %minui = arith.minui %x, %y : tensor<256xi32, #l>
  %absi = math.absi %x : tensor<256xi32, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xi32, #l>
  %ne = arith.cmpi ne, %x, %y : tensor<256xi32, #l>
  %slt = arith.cmpi slt, %x, %y : tensor<256xi32, #l>
  %sle = arith.cmpi sle, %x, %y : tensor<256xi32, #l>
  %sgt = arith.cmpi sgt, %x, %y : tensor<256xi32, #l>
  %sge = arith.cmpi sge, %x, %y : tensor<256xi32, #l>
  %ult = arith.cmpi ult, %x, %y : tensor<256xi32, #l>
  %ule = arith.cmpi ule, %x, %y : tensor<256xi32, #l>
  %ugt = arith.cmpi ugt, %x, %y : tensor<256xi32, #l>
  %uge = arith.cmpi uge, %x, %y : tensor<256xi32, #l>
  %sel = arith.select %slt, %x, %y : tensor<256xi1, #l>, tensor<256xi32, #l>
  %to_f16 = arith.sitofp %x : tensor<256xi32, #l> to tensor<256xf16, #l>
  %uto_f16 = arith.uitofp %x : tensor<256xi32, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.sitofp %x : tensor<256xi32, #l> to tensor<256xbf16, #l>
  %uto_bf16 = arith.uitofp %x : tensor<256xi32, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.sitofp %x : tensor<256xi32, #l> to tensor<256xf32, #l>
  %uto_f32 = arith.uitofp %x : tensor<256xi32, #l> to tensor<256xf32, #l>
  %to_f64 = arith.sitofp %x : tensor<256xi32, #l> to tensor<256xf64, #l>
  %uto_f64 = arith.uitofp %x : tensor<256xi32, #l> to tensor<256xf64, #l>
  %to_i1 = arith.trunci %x : tensor<256xi32, #l> to tensor<256xi1, #l>
  %to_i8 = arith.trunci %x : tensor<256xi32, #l> to tensor<256xi8, #l>
  %to_i16 = arith.trunci %x : tensor<256xi32, #l> to tensor<256xi16, #l>
  %to_i64 = arith.extsi %x : tensor<256xi32, #l> to tensor<256xi64, #l>
  %uto_i64 = arith.extui %x : tensor<256xi32, #l> to tensor<256xi64, #l>
  %to_index = arith.index_cast %x : tensor<256xi32, #l> to tensor<256xindex, #l>
  %uto_index = arith.index_castui %x : tensor<256xi32, #l> to tensor<256xindex, #l>
  %low, %high = arith.mului_extended %x, %y : tensor<256xi32, #l>
  %slow, %shigh = arith.mulsi_extended %x, %y : tensor<256xi32, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addi, %o0[%at0 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subi, %o0[%at1 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %muli, %o0[%at2 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divsi, %o0[%at3 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %divui, %o0[%at4 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %remsi, %o0[%at5 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %remui, %o0[%at6 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %floordivsi, %o0[%at7 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %ceildivsi, %o0[%at8 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %ceildivui, %o0[%at9 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %andi, %o0[%at10 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ori, %o0[%at11 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %xori, %o0[%at12 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %shli, %o0[%at13 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %shrsi, %o0[%at14 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %shrui, %o0[%at15 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %maxsi, %o0[%at16 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %maxui, %o0[%at17 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %minsi, %o0[%at18 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %minui, %o0[%at19 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %absi, %o0[%at20 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %eq, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %ne, %o1[%at22 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %slt, %o1[%at23 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %sle, %o1[%at24 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %sgt, %o1[%at25 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %sge, %o1[%at26 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %ult, %o1[%at27 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %ule, %o1[%at28 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %ugt, %o1[%at29 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %uge, %o1[%at30 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %sel, %o0[%at31 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_f16, %o2[%at32 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %uto_f16, %o2[%at33 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_bf16, %o3[%at34 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at35 = arith.addi %at34, %c256 : index
  tile.store %uto_bf16, %o3[%at35 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at36 = arith.addi %at35, %c256 : index
  tile.store %to_f32, %o4[%at36 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at37 = arith.addi %at36, %c256 : index
  tile.store %uto_f32, %o4[%at37 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at38 = arith.addi %at37, %c256 : index
  tile.store %to_f64, %o5[%at38 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at39 = arith.addi %at38, %c256 : index
  tile.store %uto_f64, %o5[%at39 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at40 = arith.addi %at39, %c256 : index
  tile.store %to_i1, %o1[%at40 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at41 = arith.addi %at40, %c256 : index
  tile.store %to_i8, %o6[%at41 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at42 = arith.addi %at41, %c256 : index
  tile.store %to_i16, %o7[%at42 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at43 = arith.addi %at42, %c256 : index
  tile.store %to_i64, %o8[%at43 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at44 = arith.addi %at43, %c256 : index
  tile.store %uto_i64, %o8[%at44 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at45 = arith.addi %at44, %c256 : index
  tile.store %to_index, %o9[%at45 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at46 = arith.addi %at45, %c256 : index
  tile.store %uto_index, %o9[%at46 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at47 = arith.addi %at46, %c256 : index
  tile.store %low, %o0[%at47 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at48 = arith.addi %at47, %c256 : index
  tile.store %high, %o0[%at48 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at49 = arith.addi %at48, %c256 : index
  tile.store %shigh, %o0[%at49 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  tile.return
}

tile.kernel @integers_i64(%a: !tile.view<?xi64> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xi64> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o7: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o8: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o9: !tile.view<?xindex> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xi64> -> tensor<256xi64, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xi64> -> tensor<256xi64, #l>
  %addi = arith.addi %x, %y : tensor<256xi64, #l>
  %subi = arith.subi %x, %y : tensor<256xi64, #l>
  %muli = arith.muli %x, %y : tensor<256xi64, #l>
  %divsi = arith.divsi %x, %y : tensor<256xi64, #l>
  %divui = arith.divui %x, %y : tensor<256xi64, #l>
  %remsi = arith.remsi %x, %y : tensor<256xi64, #l>
  %remui = arith.remui %x, %y : tensor<256xi64, #l>
  %floordivsi = arith.floordivsi %x, %y : tensor<256xi64, #l>
  %ceildivsi = arith.ceildivsi %x, %y : tensor<256xi64, #l>
  %ceildivui = arith.ceildivui %x, %y : tensor<256xi64, #l>
  %andi = arith.andi %x, %y : tensor<256xi64, #l>
  %ori = arith.ori %x, %y : tensor<256xi64, #l>
  %xori = arith.xori %x, %y : tensor<256xi64, #l>
  %shli = arith.shli %x, %y : tensor<256xi64, #l>
  %shrsi = arith.shrsi %x, %y : tensor<256xi64, #l>
  %shrui = arith.shrui %x, %y : tensor<256xi64, #l>
  %maxsi = arith.maxsi %x, %y : tensor<256xi64, #l>
  %maxui = arith.maxui %x, %y : tensor<256xi64, #l>
  %minsi = arith.minsi %x, %y : tensor<256xi64, #l>
  %minui = arith.minui %x, %y : tensor<256xi64, #l>
  %absi = math.absi %x : tensor<256xi64, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xi64, #l>
  %ne = arith.cmpi ne, %x, %y : tensor<256xi64, #l>
  %slt = arith.cmpi slt, %x, %y : tensor<256xi64, #l>
  %sle = arith.cmpi sle, %x, %y : tensor<256xi64, #l>
  %sgt = arith.cmpi sgt, %x, %y : tensor<256xi64, #l>
  %sge = arith.cmpi sge, %x, %y : tensor<256xi64, #l>
  %ult = arith.cmpi ult, %x, %y : tensor<256xi64, #l>
  %ule = arith.cmpi ule, %x, %y : tensor<256xi64, #l>
  %ugt = arith.cmpi ugt, %x, %y : tensor<256xi64, #l>
  %uge = arith.cmpi uge, %x, %y : tensor<256xi64, #l>
  %sel = arith.select %slt, %x, %y : tensor<256xi1, #l>, tensor<256xi64, #l>
  %to_f16 = arith.sitofp %x : tensor<256xi64, #l> to tensor<256xf16, #l>
  %uto_f16 = arith.uitofp %x : tensor<256xi64, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.sitofp %x : tensor<256xi64, #l> to tensor<256xbf16, #l>
  %uto_bf16 = arith.uitofp %x : tensor<256xi64, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.sitofp %x : tensor<256xi64, #l> to tensor<256xf32, #l>
  %uto_f32 = arith.uitofp %x : tensor<256xi64, #l> to tensor<256xf32, #l>
  %to_f64 = arith.sitofp %x : tensor<256xi64, #l> to tensor<256xf64, #l>
  %uto_f64 = arith.uitofp %x : tensor<256xi64, #l> to tensor<256xf64, #l>
  %to_i1 = arith.trunci %x : tensor<256xi64, #l> to tensor<256xi1, #l>
  %to_i8 = arith.trunci %x : tensor<256xi64, #l> to tensor<256xi8, #l>
  %to_i16 = arith.trunci %x : tensor<256xi64, #l> to tensor<256xi16, #l>
  %to_i32 = arith.trunci %x : tensor<256xi64, #l> to tensor<256xi32, #l>
  %to_index = arith.index_cast %x : tensor<256xi64, #l> to tensor<256xindex, #l>
  %uto_index = arith.index_castui %x : tensor<256xi64, #l> to tensor<256xindex, #l>
  %low, %high = arith.mului_extended %x, %y : tensor<256xi64, #l>
  %slow, %shigh = arith.mulsi_extended %x, %y : tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addi, %o0[%at0 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subi, %o0[%at1 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %muli, %o0[%at2 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divsi, %o0[%at3 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %divui, %o0[%at4 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %remsi, %o0[%at5 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %remui, %o0[%at6 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %floordivsi, %o0[%at7 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %ceildivsi, %o0[%at8 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %ceildivui, %o0[%at9 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %andi, %o0[%at10 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ori, %o0[%at11 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %xori, %o0[%at12 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %shli, %o0[%at13 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %shrsi, %o0[%at14 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %shrui, %o0[%at15 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %maxsi, %o0[%at16 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %maxui, %o0[%at17 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %minsi, %o0[%at18 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %minui, %o0[%at19 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %absi, %o0[%at20 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %eq, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %ne, %o1[%at22 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %slt, %o1[%at23 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %sle, %o1[%at24 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %sgt, %o1[%at25 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %sge, %o1[%at26 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %ult, %o1[%at27 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %ule, %o1[%at28 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %ugt, %o1[%at29 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %uge, %o1[%at30 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %sel, %o0[%at31 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_f16, %o2[%at32 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %uto_f16, %o2[%at33 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_bf16, %o3[%at34 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at35 = arith.addi %at34, %c256 : index
  tile.store %uto_bf16, %o3[%at35 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at36 = arith.addi %at35, %c256 : index
  tile.store %to_f32, %o4[%at36 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at37 = arith.addi %at36, %c256 : index
  tile.store %uto_f32, %o4[%at37 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at38 = arith.addi %at37, %c256 : index
  tile.store %to_f64, %o5[%at38 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at39 = arith.addi %at38, %c256 : index
  tile.store %uto_f64, %o5[%at39 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at40 = arith.addi %at39, %c256 : index
  tile.store %to_i1, %o1[%at40 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at41 = arith.addi %at40, %c256 : index
  tile.store %to_i8, %o6[%at41 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at42 = arith.addi %at41, %c256 : index
  tile.store %to_i16, %o7[%at42 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at43 = arith.addi %at42, %c256 : index
  tile.store %to_i32, %o8[%at43 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at44 = arith.addi %at43, %c256 : index
  tile.store %to_index, %o9[%at44 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at45 = arith.addi %at44, %c256 : index
  tile.store %uto_index, %o9[%at45 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at46 = arith.addi %at45, %c256 : index
  tile.store %low, %o0[%at46 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at47 = arith.addi %at46, %c256 : index
  tile.store %high, %o0[%at47 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  %at48 = arith.addi %at47, %c256 : index
  tile.store %shigh, %o0[%at48 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @integers_index(%a: !tile.view<?xindex> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xindex> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xindex> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xi16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xi64> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xindex> -> tensor<256xindex, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xindex> -> tensor<256xindex, #l>
  %addi = arith.addi %x, %y : tensor<256xindex, #l>
  %subi = arith.subi %x, %y : tensor<256xindex, #l>
  %muli = arith.muli %x, %y : tensor<256xindex, #l>
  %divsi = arith.divsi %x, %y : tensor<256xindex, #l>
  %divui = arith.divui %x, %y : tensor<256xindex, #l>
  %remsi = arith.remsi %x, %y : tensor<256xindex, #l>
  %remui = arith.remui %x, %y : tensor<256xindex, #l>
  %floordivsi = arith.floordivsi %x, %y : tensor<256xindex, #l>
  %ceildivsi = arith.ceildivsi %x, %y : tensor<256xindex, #l>
  %ceildivui = arith.ceildivui %x, %y : tensor<256xindex, #l>
  %andi = arith.andi %x, %y : tensor<256xindex, #l>
  %ori = arith.ori %x, %y : tensor<256xindex, #l>
  %xori = arith.xori %x, %y : tensor<256xindex, #l>
  %shli = arith.shli %x, %y : tensor<256xindex, #l>
  %shrsi = arith.shrsi %x, %y : tensor<256xindex, #l>
  %shrui = arith.shrui %x, %y : tensor<256xindex, #l>
  %maxsi = arith.maxsi %x, %y : tensor<256xindex, #l>
  %maxui = arith.maxui %x, %y : tensor<256xindex, #l>
  %minsi = arith.minsi %x, %y : tensor<256xindex, #l>
  %minui = arith.minui %x, %y : tensor<256xindex, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xindex, #l>
  %ne = arith.cmpi ne, %x, %y : tensor<256xindex, #l>
  %slt = arith.cmpi slt, %x, %y : tensor<256xindex, #l>
  %sle = arith.cmpi sle, %x, %y : tensor<256xindex, #l>
  %sgt = arith.cmpi sgt, %x, %y : tensor<256xindex, #l>
  %sge = arith.cmpi sge, %x, %y : tensor<256xindex, #l>
  %ult = arith.cmpi ult, %x, %y : tensor<256xindex, #l>
  %ule = arith.cmpi ule, %x, %y : tensor<256xindex, #l>
  %ugt = arith.cmpi ugt, %x, %y : tensor<256xindex, #l>
  %uge = arith.cmpi uge, %x, %y : tensor<256xindex, #l>
  %sel = arith.select %slt, %x, %y : tensor<256xi1, #l>, tensor<256xindex, #l>
  %to_i8 = arith.index_cast %x : tensor<256xindex, #l> to tensor<256xi8, #l>
  %to_i16 = arith.index_cast %x : tensor<256xindex, #l> to tensor<256xi16, #l>
  %to_i32 = arith.index_cast %x : tensor<256xindex, #l> to tensor<256xi32, #l>
  %to_i64 = arith.index_cast %x : tensor<256xindex, #l> to tensor<256xi64, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %addi, %o0[%at0 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %subi, %o0[%at1 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %muli, %o0[%at2 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %divsi, %o0[%at3 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %divui, %o0[%at4 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %remsi, %o0[%at5 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %remui, %o0[%at6 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %floordivsi, %o0[%at7 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %ceildivsi, %o0[%at8 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %ceildivui, %o0[%at9 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %andi, %o0[%at10 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at11 = arith.addi %at10, %c256 : index
  tile.store %ori, %o0[%at11 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at12 = arith.addi %at11, %c256 : index
  tile.store %xori, %o0[%at12 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at13 = arith.addi %at12, %c256 : index
  tile.store %shli, %o0[%at13 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at14 = arith.addi %at13, %c256 : index
  tile.store %shrsi, %o0[%at14 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at15 = arith.addi %at14, %c256 : index
  tile.store %shrui, %o0[%at15 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at16 = arith.addi %at15, %c256 : index
  tile.store %maxsi, %o0[%at16 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at17 = arith.addi %at16, %c256 : index
  tile.store %maxui, %o0[%at17 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at18 = arith.addi %at17, %c256 : index
  tile.store %minsi, %o0[%at18 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at19 = arith.addi %at18, %c256 : index
  tile.store %minui, %o0[%at19 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at20 = arith.addi %at19, %c256 : index
  tile.store %eq, %o1[%at20 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at21 = arith.addi %at20, %c256 : index
  tile.store %ne, %o1[%at21 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at22 = arith.addi %at21, %c256 : index
  tile.store %slt, %o1[%at22 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at23 = arith.addi %at22, %c256 : index
  tile.store %sle, %o1[%at23 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at24 = arith.addi %at23, %c256 : index
  tile.store %sgt, %o1[%at24 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at25 = arith.addi %at24, %c256 : index
  tile.store %sge, %o1[%at25 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at26 = arith.addi %at25, %c256 : index
  tile.store %ult, %o1[%at26 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at27 = arith.addi %at26, %c256 : index
  tile.store %ule, %o1[%at27 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at28 = arith.addi %at27, %c256 : index
  tile.store %ugt, %o1[%at28 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at29 = arith.addi %at28, %c256 : index
  tile.store %uge, %o1[%at29 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at30 = arith.addi %at29, %c256 : index
  tile.store %sel, %o0[%at30 +: 256] : tensor<256xindex, #l>, !tile.view<?xindex>
  %at31 = arith.addi %at30, %c256 : index
  tile.store %to_i8, %o2[%at31 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at32 = arith.addi %at31, %c256 : index
  tile.store %to_i16, %o3[%at32 +: 256] : tensor<256xi16, #l>, !tile.view<?xi16>
  %at33 = arith.addi %at32, %c256 : index
  tile.store %to_i32, %o4[%at33 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at34 = arith.addi %at33, %c256 : index
  tile.store %to_i64, %o5[%at34 +: 256] : tensor<256xi64, #l>, !tile.view<?xi64>
  tile.return
}

tile.kernel @bools(%a: !tile.view<?xi1> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xi1> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi1> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o2: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o3: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o4: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o5: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o6: !tile.view<?xf64> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xi1> -> tensor<256xi1, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xi1> -> tensor<256xi1, #l>
  %andi = arith.andi %x, %y : tensor<256xi1, #l>
  %ori = arith.ori %x, %y : tensor<256xi1, #l>
  %xori = arith.xori %x, %y : tensor<256xi1, #l>
  %to_i8 = arith.extui %x : tensor<256xi1, #l> to tensor<256xi8, #l>
  %sto_i32 = arith.extsi %x : tensor<256xi1, #l> to tensor<256xi32, #l>
  %to_f16 = arith.uitofp %x : tensor<256xi1, #l> to tensor<256xf16, #l>
  %to_bf16 = arith.uitofp %x : tensor<256xi1, #l> to tensor<256xbf16, #l>
  %to_f32 = arith.uitofp %x : tensor<256xi1, #l> to tensor<256xf32, #l>
  %to_f64 = arith.uitofp %x : tensor<256xi1, #l> to tensor<256xf64, #l>
  %sel = arith.select %x, %y, %x : tensor<256xi1, #l>, tensor<256xi1, #l>
  %eq = arith.cmpi eq, %x, %y : tensor<256xi1, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %andi, %o0[%at0 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %ori, %o0[%at1 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %xori, %o0[%at2 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %to_i8, %o1[%at3 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at4 = arith.addi %at3, %c256 : index
  tile.store %sto_i32, %o2[%at4 +: 256] : tensor<256xi32, #l>, !tile.view<?xi32>
  %at5 = arith.addi %at4, %c256 : index
  tile.store %to_f16, %o3[%at5 +: 256] : tensor<256xf16, #l>, !tile.view<?xf16>
  %at6 = arith.addi %at5, %c256 : index
  tile.store %to_bf16, %o4[%at6 +: 256] : tensor<256xbf16, #l>, !tile.view<?xbf16>
  %at7 = arith.addi %at6, %c256 : index
  tile.store %to_f32, %o5[%at7 +: 256] : tensor<256xf32, #l>, !tile.view<?xf32>
  %at8 = arith.addi %at7, %c256 : index
  tile.store %to_f64, %o6[%at8 +: 256] : tensor<256xf64, #l>, !tile.view<?xf64>
  %at9 = arith.addi %at8, %c256 : index
  tile.store %sel, %o0[%at9 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  %at10 = arith.addi %at9, %c256 : index
  tile.store %eq, %o0[%at10 +: 256] : tensor<256xi1, #l>, !tile.view<?xi1>
  tile.return
}

tile.kernel @codes_f8E4M3FN(%a: !tile.view<?xf8E4M3FN> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xf8E4M3FN> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xf8E4M3FN> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xf8E4M3FN> -> tensor<256xf8E4M3FN, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xf8E4M3FN> -> tensor<256xf8E4M3FN, #l>
  %code = arith.bitcast %x : tensor<256xf8E4M3FN, #l> to tensor<256xi8, #l>
  %back = arith.bitcast %code : tensor<256xi8, #l> to tensor<256xf8E4M3FN, #l>
  %one = arith.constant dense<1.0> : tensor<256xf8E4M3FN, #l>
  %c0 = arith.constant dense<0> : tensor<256xi8, #l>
  %is = arith.cmpi slt, %code, %c0 : tensor<256xi8, #l>
  %sel = arith.select %is, %x, %one : tensor<256xi1, #l>, tensor<256xf8E4M3FN, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %code, %o0[%at0 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %back, %o1[%at1 +: 256] : tensor<256xf8E4M3FN, #l>, !tile.view<?xf8E4M3FN>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %one, %o1[%at2 +: 256] : tensor<256xf8E4M3FN, #l>, !tile.view<?xf8E4M3FN>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %sel, %o1[%at3 +: 256] : tensor<256xf8E4M3FN, #l>, !tile.view<?xf8E4M3FN>
  tile.return
}

tile.kernel @codes_f8E5M2(%a: !tile.view<?xf8E5M2> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %b: !tile.view<?xf8E5M2> {tile.access = #tile.access<in>, tile.facts = #facts},
                 %o0: !tile.view<?xi8> {tile.access = #tile.access<out>, tile.facts = #facts},
                 %o1: !tile.view<?xf8E5M2> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %c1024 = arith.constant 1024 : index
  %at = arith.muli %p, %c1024 : index
  %x = tile.load %a[%at +: 256] : !tile.view<?xf8E5M2> -> tensor<256xf8E5M2, #l>
  %y = tile.load %b[%at +: 256] : !tile.view<?xf8E5M2> -> tensor<256xf8E5M2, #l>
  %code = arith.bitcast %x : tensor<256xf8E5M2, #l> to tensor<256xi8, #l>
  %back = arith.bitcast %code : tensor<256xi8, #l> to tensor<256xf8E5M2, #l>
  %one = arith.constant dense<1.0> : tensor<256xf8E5M2, #l>
  %c0 = arith.constant dense<0> : tensor<256xi8, #l>
  %is = arith.cmpi slt, %code, %c0 : tensor<256xi8, #l>
  %sel = arith.select %is, %x, %one : tensor<256xi1, #l>, tensor<256xf8E5M2, #l>
  %c256 = arith.constant 256 : index
  %at0 = arith.addi %at, %c256 : index
  tile.store %code, %o0[%at0 +: 256] : tensor<256xi8, #l>, !tile.view<?xi8>
  %at1 = arith.addi %at0, %c256 : index
  tile.store %back, %o1[%at1 +: 256] : tensor<256xf8E5M2, #l>, !tile.view<?xf8E5M2>
  %at2 = arith.addi %at1, %c256 : index
  tile.store %one, %o1[%at2 +: 256] : tensor<256xf8E5M2, #l>, !tile.view<?xf8E5M2>
  %at3 = arith.addi %at2, %c256 : index
  tile.store %sel, %o1[%at3 +: 256] : tensor<256xf8E5M2, #l>, !tile.view<?xf8E5M2>
  tile.return
}
