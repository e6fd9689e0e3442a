package kernel

import (
	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/routefile"
)

// CompareTable compares a routing table with route files; keep are routes of
// ours in it that stand elsewhere.
func (s *System) CompareTable(ctx until.Context, t *routefile.Table, table uint32, keep []routefile.ID) (*routefile.Diff, error) {
	return routefile.Compare(ctx, s.conn, t, routefile.Target{Set: nlcore.RouteSet{Table: table, Protocol: s.protocol}, Names: s.names, Keep: keep})
}

// WriteTable writes a difference; see [routefile.Diff.Apply].
func (s *System) WriteTable(ctx until.Context, d *routefile.Diff) error {
	return d.Apply(ctx, s.conn)
}

// UndoTable takes it back; see [routefile.Diff.Undo].
func (s *System) UndoTable(ctx until.Context, d *routefile.Diff) error { return d.Undo(ctx, s.conn) }
