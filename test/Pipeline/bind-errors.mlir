// RUN: tile-opt %s --verify-diagnostics --tile-bind=target=sm_80

tile.kernel @too_large(%x: f32) attributes {phase = #tile.phase<tile>} {
  // expected-error @+1 {{a tile of 512 x 256 elements takes 524288 bytes, and 'sm_80' holds tiles of up to 131072}}
  %t = tensor.splat %x : tensor<512x256xf32>
  tile.return
}
