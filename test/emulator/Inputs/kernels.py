"""Hand-written PTX of sm_90a: kernels.py NAME prints one."""

import sys

HEAD = """.version 8.4
.target sm_90a
.address_size 64
.extern .shared .align 1024 .b8 memory[];
"""


def registers(prefix, count):
    return "{" + ", ".join(f"{prefix}{i}" for i in range(count)) + "}"


def box_copy(rank, loads=True, box_bytes=4096):
    """One box from a tensor to shared memory, whose bytes as they lie there go to memory; or the other way round."""
    coordinates = "".join(f"    ld.param.s32 %c{i}, [at{i}];\n" for i in range(rank))
    at = ", ".join(f"%c{i}" for i in range(rank))
    parameters = "".join(f", .param .s32 at{i}" for i in range(rank))
    common = f"""{HEAD}
.visible .entry copy(.param .align 64 .b8 map[128], .param .u64 bytes{parameters}) .reqntid 128, 1, 1
{{
    .reg .pred %p<4>;
    .reg .b32 %r<8>, %c<5>;
    .reg .b64 %rd<8>;
    mov.u32 %r0, memory;
    mov.b64 %rd0, map;
    cvta.param.u64 %rd1, %rd0;
    ld.param.u64 %rd2, [bytes];
    cvta.to.global.u64 %rd2, %rd2;
{coordinates}    mov.u32 %r1, %tid.x;
    cvt.u64.u32 %rd3, %r1;
    add.u64 %rd3, %rd2, %rd3;
    add.u32 %r2, %r0, %r1;
    setp.ne.u32 %p0, %r1, 0;
"""
    if loads:
        return common + f"""    @%p0 bra READY;
    prefetch.tensormap [%rd1];
    mbarrier.init.shared::cta.b64 [%r0+{box_bytes}], 1;
    fence.mbarrier_init.release.cluster;
    mbarrier.arrive.expect_tx.shared::cta.b64 _, [%r0+{box_bytes}], {box_bytes};
    cp.async.bulk.tensor.{rank}d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r0], [%rd1, {{{at}}}], [%r0+{box_bytes}];
READY:
    bar.sync 0;
WAIT:
    mbarrier.try_wait.parity.shared::cta.b64 %p1, [%r0+{box_bytes}], 0;
    @!%p1 bra WAIT;
    mov.u32 %r3, 0;
NEXT:
    ld.shared.u8 %r4, [%r2];
    st.global.u8 [%rd3], %r4;
    add.u32 %r2, %r2, 128;
    add.u64 %rd3, %rd3, 128;
    add.u32 %r3, %r3, 128;
    setp.lt.u32 %p2, %r3, {box_bytes};
    @%p2 bra NEXT;
    ret;
}}
"""
    return common + f"""    mov.u32 %r3, 0;
NEXT:
    ld.global.u8 %r4, [%rd3];
    st.shared.u8 [%r2], %r4;
    add.u32 %r2, %r2, 128;
    add.u64 %rd3, %rd3, 128;
    add.u32 %r3, %r3, 128;
    setp.lt.u32 %p2, %r3, {box_bytes};
    @%p2 bra NEXT;
    fence.proxy.async.shared::cta;
    bar.sync 0;
    @%p0 bra DONE;
    cp.async.bulk.tensor.{rank}d.global.shared::cta.tile.bulk_group [%rd1, {{{at}}}], [%r0];
    cp.async.bulk.commit_group;
    cp.async.bulk.wait_group.read 0;
DONE:
    ret;
}}
"""


def product(columns, depth, to, a, b, in_registers=False, transposes_a=0, transposes_b=0, sign_a=1, sign_b=1, image=49152):
    """Twice the product of two matrices in shared memory, whose bytes come from memory; the sums as they lie in registers."""
    count = columns // (4 if to == "f16" else 2)
    first = "%a0, %a1, %a2, %a3" if in_registers else ""
    operand = "{" + first + "}" if in_registers else "%rd4"
    tail = "" if to == "s32" else f", {sign_a}, {sign_b}"
    if a in ("f16", "bf16"):
        tail += f", {transposes_b}" if in_registers else f", {transposes_a}, {transposes_b}"
    opcode = f"wgmma.mma_async.sync.aligned.m64n{columns}k{depth}.{to}.{a}.{b}"
    kind = {"f32": "f32", "s32": "s32", "f16": "b32"}[to]
    stores = "".join(f"    st.global.{'b32'} [%rd6+{4 * i}], %d{i};\n" for i in range(count))
    return f"""{HEAD}
.visible .entry product(.param .u64 bytes, .param .u64 fragments, .param .u64 sums, .param .u64 first, .param .u64 second) .reqntid 128, 1, 1
{{
    .reg .pred %p<4>;
    .reg .b32 %r<8>, %a<4>;
    .reg .{kind} %d<{count}>;
    .reg .b64 %rd<12>;
    mov.u32 %r0, memory;
    mov.u32 %r1, %tid.x;
    ld.param.u64 %rd0, [bytes];
    cvta.to.global.u64 %rd0, %rd0;
    ld.param.u64 %rd1, [fragments];
    cvta.to.global.u64 %rd1, %rd1;
    ld.param.u64 %rd2, [sums];
    cvta.to.global.u64 %rd2, %rd2;
    shl.b32 %r2, %r1, 4;
    cvt.u64.u32 %rd3, %r2;
    add.u64 %rd1, %rd1, %rd3;
    ld.global.v4.b32 {{%a0, %a1, %a2, %a3}}, [%rd1];
    add.u64 %rd0, %rd0, %rd3;
    add.u32 %r3, %r0, %r2;
    mov.u32 %r4, 0;
NEXT:
    ld.global.v2.b64 {{%rd4, %rd5}}, [%rd0];
    st.shared.v2.b64 [%r3], {{%rd4, %rd5}};
    add.u64 %rd0, %rd0, 2048;
    add.u32 %r3, %r3, 2048;
    add.u32 %r4, %r4, 2048;
    setp.lt.u32 %p0, %r4, {image};
    @%p0 bra NEXT;
    fence.proxy.async;
    bar.sync 0;
    ld.param.u64 %rd4, [first];
    ld.param.u64 %rd5, [second];
    shr.u32 %r5, %r0, 4;
    cvt.u64.u32 %rd7, %r5;
    add.u64 %rd4, %rd4, %rd7;
    add.u64 %rd5, %rd5, %rd7;
    setp.ne.u32 %p1, %r0, %r0;
    setp.eq.u32 %p2, %r0, %r0;
    wgmma.fence.sync.aligned;
    {opcode} {registers("%d", count)}, {operand}, %rd5, %p1{tail};
    {opcode} {registers("%d", count)}, {operand}, %rd5, %p2{tail};
    wgmma.commit_group.sync.aligned;
    wgmma.wait_group.sync.aligned 0;
    mul.wide.u32 %rd8, %r1, {4 * count};
    add.u64 %rd6, %rd2, %rd8;
{stores}    ret;
}}
"""


SLOT, DEPTH, STAGE = 16384 + 8192, 2, 8192
MATMUL_SHARED = DEPTH * SLOT + 2 * STAGE + 16 * DEPTH


def matmul():
    """C = A B of bf16 by persistent blocks: a producer warp, two consumer warpgroups with 64 x 64 sums each, slots of 64 in depth."""
    stage, full = DEPTH * SLOT, DEPTH * SLOT + 2 * STAGE
    empty = full + 8 * DEPTH
    inits = "".join(f"    mbarrier.init.shared::cta.b64 [%r0+{full + 8 * i}], 1;\n"
                    f"    mbarrier.init.shared::cta.b64 [%r0+{empty + 8 * i}], 2;\n" for i in range(DEPTH))
    sums = registers("%f", 32)
    products = ""
    for k in range(4):
        products += f"    add.u64 %rd6, %rd4, {2 * k};\n    add.u64 %rd7, %rd5, {2 * k};\n"
        first = "%p6" if k == 0 else "%p7"
        products += f"    wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {sums}, %rd6, %rd7, {first}, 1, 1, 0, 0;\n"
    stores = ""
    for half in range(2):
        for j in range(8):
            i = 4 * j + 2 * half
            stores += (f"    xor.b32 %r20, %r19, {16 * j};\n    add.u32 %r20, %r18, %r20;\n"
                       f"    cvt.rn.bf16x2.f32 %r21, %f{i + 1}, %f{i};\n    st.shared.b32 [%r20+{1024 * half}], %r21;\n")
    return f"""{HEAD}
.visible .entry matmul(.param .align 64 .b8 mapA[128], .param .align 64 .b8 mapB[128], .param .align 64 .b8 mapC[128],
                       .param .u32 across, .param .u32 tiles, .param .u32 steps) .reqntid 384, 1, 1 .minnctapersm 1
{{
    .reg .pred %p<16>;
    .reg .b32 %r<40>;
    .reg .b64 %rd<16>;
    .reg .f32 %f<33>;
    mov.u32 %r0, memory;
    mov.u32 %r1, %tid.x;
    ld.param.u32 %r2, [across];
    ld.param.u32 %r3, [tiles];
    ld.param.u32 %r4, [steps];
    setp.ne.u32 %p0, %r1, 0;
    @%p0 bra MADE;
{inits}    fence.mbarrier_init.release.cluster;
MADE:
    bar.sync 0;
    mov.u32 %r5, %ctaid.x;
    mov.u32 %r6, 0;
    mov.u32 %r7, 0;
    shr.u32 %r8, %r1, 7;
    setp.eq.u32 %p1, %r8, 2;
    @%p1 bra PRODUCER;

    // Consumers: %r5 the tile, %r6 the slot, %r7 its parity, %r8 the warpgroup.
    setmaxnreg.inc.sync.aligned.u32 232;
    and.b32 %r9, %r1, 127;
    setp.ne.u32 %p2, %r9, 0;
    add.u32 %r10, %r8, 1;
    setp.eq.u32 %p7, %r0, %r0;
    // Where the thread's sums go in the stage: the row, and the pieces of 16 bytes exchanged by its last three bits.
    shr.u32 %r11, %r9, 2;
    and.b32 %r12, %r11, 7;
    shr.u32 %r13, %r9, 5;
    shl.b32 %r14, %r13, 11;
    shl.b32 %r15, %r12, 7;
    add.u32 %r14, %r14, %r15;
    shl.b32 %r16, %r8, 13;
    add.u32 %r17, %r0, %r16;
    add.u32 %r17, %r17, {stage};
    and.b32 %r18, %r1, 3;
    shl.b32 %r18, %r18, 2;
    add.u32 %r18, %r18, %r14;
    add.u32 %r18, %r18, %r17;
    shl.b32 %r19, %r12, 4;
TILE:
    setp.ge.u32 %p3, %r5, %r3;
    @%p3 bra DRAIN;
    mov.u32 %r22, 0;
STEP:
    shl.b32 %r23, %r6, 3;
    add.u32 %r23, %r0, %r23;
FULL:
    mbarrier.try_wait.parity.shared::cta.b64 %p4, [%r23+{full}], %r7;
    @!%p4 bra FULL;
    mul.lo.u32 %r24, %r6, {SLOT};
    add.u32 %r24, %r0, %r24;
    add.u32 %r25, %r24, %r16;
    shr.u32 %r25, %r25, 4;
    cvt.u64.u32 %rd4, %r25;
    or.b64 %rd4, %rd4, 0x4000004000000000;
    add.u32 %r26, %r24, 16384;
    shr.u32 %r26, %r26, 4;
    cvt.u64.u32 %rd5, %r26;
    or.b64 %rd5, %rd5, 0x4000004000000000;
    setp.ne.u32 %p6, %r22, 0;
    wgmma.fence.sync.aligned;
{products}    wgmma.commit_group.sync.aligned;
    wgmma.wait_group.sync.aligned 1;
    // The slot before is released, but by the first step, which has none.
    setp.eq.or.u32 %p5, %r22, 0, %p2;
    @%p5 bra KEPT;
    mbarrier.arrive.release.cta.shared::cta.b64 _, [%r27+{empty}];
KEPT:
    mov.u32 %r27, %r23;
    add.u32 %r6, %r6, 1;
    setp.eq.u32 %p8, %r6, {DEPTH};
    selp.b32 %r6, 0, %r6, %p8;
    selp.b32 %r28, 1, 0, %p8;
    xor.b32 %r7, %r7, %r28;
    add.u32 %r22, %r22, 1;
    setp.lt.u32 %p9, %r22, %r4;
    @%p9 bra STEP;
    wgmma.wait_group.sync.aligned 0;
    @!%p2 mbarrier.arrive.release.cta.shared::cta.b64 _, [%r27+{empty}];
    // The sums go out through shared memory, once the last ones have been read there.
    @!%p2 cp.async.bulk.wait_group.read 0;
    bar.sync %r10, 128;
{stores}    fence.proxy.async.shared::cta;
    bar.sync %r10, 128;
    @%p2 bra STORED;
    div.u32 %r29, %r5, %r2;
    rem.u32 %r30, %r5, %r2;
    shl.b32 %r31, %r29, 7;
    shl.b32 %r32, %r8, 6;
    add.u32 %r31, %r31, %r32;
    shl.b32 %r33, %r30, 6;
    mov.b64 %rd8, mapC;
    cvta.param.u64 %rd9, %rd8;
    cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd9, {{%r33, %r31}}], [%r17];
    cp.async.bulk.commit_group;
STORED:
    mov.u32 %r34, %nctaid.x;
    add.u32 %r5, %r5, %r34;
    bra TILE;
DRAIN:
    @!%p2 cp.async.bulk.wait_group 0;
    ret;

    // The producer, one thread of it.
PRODUCER:
    setmaxnreg.dec.sync.aligned.u32 40;
    setp.ne.u32 %p2, %r1, 256;
    @%p2 bra END;
    mov.b64 %rd0, mapA;
    cvta.param.u64 %rd1, %rd0;
    mov.b64 %rd2, mapB;
    cvta.param.u64 %rd3, %rd2;
    mov.u32 %r7, 1;
LOADTILE:
    setp.ge.u32 %p3, %r5, %r3;
    @%p3 bra END;
    div.u32 %r29, %r5, %r2;
    rem.u32 %r30, %r5, %r2;
    shl.b32 %r31, %r29, 7;
    shl.b32 %r33, %r30, 6;
    mov.u32 %r22, 0;
LOAD:
    shl.b32 %r23, %r6, 3;
    add.u32 %r23, %r0, %r23;
EMPTY:
    mbarrier.try_wait.parity.shared::cta.b64 %p4, [%r23+{empty}], %r7;
    @!%p4 bra EMPTY;
    mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%r23+{full}], {SLOT};
    mul.lo.u32 %r24, %r6, {SLOT};
    add.u32 %r24, %r0, %r24;
    add.u32 %r25, %r23, {full};
    shl.b32 %r26, %r22, 6;
    cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r24], [%rd1, {{%r26, %r31}}], [%r25];
    cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r24+16384], [%rd3, {{%r26, %r33}}], [%r25];
    add.u32 %r6, %r6, 1;
    setp.eq.u32 %p8, %r6, {DEPTH};
    selp.b32 %r6, 0, %r6, %p8;
    selp.b32 %r28, 1, 0, %p8;
    xor.b32 %r7, %r7, %r28;
    add.u32 %r22, %r22, 1;
    setp.lt.u32 %p9, %r22, %r4;
    @%p9 bra LOAD;
    mov.u32 %r34, %nctaid.x;
    add.u32 %r5, %r5, %r34;
    bra LOADTILE;
END:
    ret;
}}
"""


def cluster():
    """Two blocks each load half of a box into both of them, and tell the other when they have read it; then they change a word in each
    other's memory."""
    return f"""{HEAD}
.visible .entry cluster(.param .align 64 .b8 map[128], .param .u64 bytes) .reqntid 128, 1, 1 .reqnctapercluster 2, 1, 1
{{
    .reg .pred %p<8>;
    .reg .b16 %h<2>;
    .reg .b32 %r<20>;
    .reg .b64 %rd<8>;
    mov.u32 %r0, memory;
    mov.u32 %r1, %tid.x;
    mov.u32 %r2, %cluster_ctarank;
    mov.u32 %r3, %clusterid.x;
    mov.u32 %r4, %cluster_nctarank;
    mov.b64 %rd0, map;
    cvta.param.u64 %rd1, %rd0;
    ld.param.u64 %rd2, [bytes];
    cvta.to.global.u64 %rd2, %rd2;
    setp.ne.u32 %p0, %r1, 0;
    @%p0 bra MADE;
    mbarrier.init.shared::cta.b64 [%r0+4096], 1;
    mbarrier.init.shared::cta.b64 [%r0+4104], 1;
    fence.mbarrier_init.release.cluster;
MADE:
    barrier.cluster.arrive.release.aligned;
    barrier.cluster.wait.acquire.aligned;
    @%p0 bra WAIT;
    mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%r0+4096], 4096;
    shl.b32 %r5, %r2, 11;
    add.u32 %r6, %r0, %r5;
    shl.b32 %r7, %r2, 4;
    mov.u16 %h0, 3;
    cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster [%r6], [%rd1, {{0, %r7}}], [%r0+4096], %h0;
WAIT:
    mbarrier.try_wait.parity.shared::cta.b64 %p1, [%r0+4096], 0;
    @!%p1 bra WAIT;
    shl.b32 %r8, %r1, 5;
    add.u32 %r9, %r0, %r8;
    ld.shared.v4.b32 {{%r10, %r11, %r12, %r13}}, [%r9];
    add.u32 %r10, %r10, %r2;
    shl.b32 %r14, %r3, 1;
    add.u32 %r14, %r14, %r2;
    shl.b32 %r14, %r14, 11;
    shl.b32 %r15, %r1, 4;
    add.u32 %r14, %r14, %r15;
    cvt.u64.u32 %rd3, %r14;
    add.u64 %rd4, %rd2, %rd3;
    st.global.v4.b32 [%rd4], {{%r10, %r11, %r12, %r13}};
    bar.sync 0;
    @%p0 bra TOLD;
    xor.b32 %r16, %r2, 1;
    add.u32 %r17, %r0, 4104;
    mapa.shared::cluster.u32 %r18, %r17, %r16;
    mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r18];
TOLD:
    mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %p2, [%r0+4104], 0;
    @!%p2 bra TOLD;
    @%p0 bra LEAVE;
    mapa.shared::cluster.u32 %r19, %r0, %r16;
    st.shared::cluster.u32 [%r19], %r2;
LEAVE:
    barrier.cluster.arrive.aligned;
    barrier.cluster.wait.aligned;
    @%p0 bra END;
    ld.shared.u32 %r10, [%r0];
    setp.eq.u32 %p3, %r10, %r2;
    @%p3 trap;
END:
    ret;
}}
"""


KERNELS = {"matmul": matmul, "cluster": cluster,
           "product": lambda: product(256, 16, "f32", "bf16", "bf16", transposes_b=1),
           "product-f16": lambda: product(64, 16, "f16", "f16", "f16", in_registers=True),
           "product-tf32": lambda: product(64, 8, "f32", "tf32", "tf32", sign_a=-1),
           "product-e4m3": lambda: product(24, 32, "f32", "e4m3", "e5m2", in_registers=True),
           "product-s8": lambda: product(48, 32, "s32", "s8", "u8")}
for rank in range(1, 6):
    KERNELS[f"load{rank}"] = lambda rank=rank: box_copy(rank)
    KERNELS[f"store{rank}"] = lambda rank=rank: box_copy(rank, loads=False)

if __name__ == "__main__":
    print(KERNELS[sys.argv[1]]())
