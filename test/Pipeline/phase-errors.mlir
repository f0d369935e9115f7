// Each pass takes a kernel in one phase, and no other.
// RUN: not tile-opt %s --tile-plan 2>&1 | FileCheck %s --check-prefix=PLAN
// RUN: not tile-opt %s --tile-expand 2>&1 | FileCheck %s --check-prefix=EXPAND
// RUN: not tile-opt %s --tile-bind --tile-bind 2>&1 | FileCheck %s --check-prefix=BIND
// RUN: not tile-opt %s --tile-bind=target=sm_12 2>&1 | FileCheck %s --check-prefix=TARGET

// PLAN: error: only a kernel in phase 'bound' can be planned; this is in phase 'tile'
// EXPAND: error: only a kernel in phase 'planned' can be expanded; this is in phase 'tile'
// BIND: error: only a kernel in phase 'tile' can be bound; this is in phase 'bound'
// TARGET: error: there is no target 'sm_12'; there are 'cpu', 'sm_80'
tile.kernel @nothing() attributes {phase = #tile.phase<tile>} {
  tile.return
}
