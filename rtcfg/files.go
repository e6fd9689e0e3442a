package rtcfg

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"strconv"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/routefile"
)

// readRouteFiles reads the route files of a configuration: all their lines are
// good before anything is written.
func readRouteFiles(want *object.Desired) error {
	var faults conf.Faults
	for i := range want.RouteFiles {
		f := &want.RouteFiles[i]
		table, err := routefile.Read(f.Paths...)
		var bad conf.Faults
		switch {
		case errors.As(err, &bad):
			faults = append(faults, bad...)
		case err != nil:
			faults.Add(placeOf(f, err), err.Error(), "name a file that can be read")
		default:
			f.Routes = table
		}
	}
	return faults.Err()
}

// placeOf gives where the file names the one that cannot be read.
func placeOf(f *object.RouteFile, err error) conf.Pos {
	var path *os.PathError
	if errors.As(err, &path) {
		if at := slices.Index(f.Paths, path.Path); at >= 0 {
			return f.Places[at]
		}
	}
	return f.Pos
}

// A fileDiff is what a routing table with route files wants.
type fileDiff struct {
	file *object.RouteFile
	*routefile.Diff
}

// change gives the line of a plan.
func (d *fileDiff) change() plan.FileChange {
	return plan.FileChange{Pos: d.file.Pos, What: "route files of table " + strconv.Itoa(int(d.file.Table)) + ": " + d.Diff.String()}
}

// compareFiles compares the route files with the kernel. Those that name a link
// which is not there yet are awaited.
func (m *Manager) compareFiles(ctx until.Context, have *object.Snapshot) (diffs []*fileDiff, awaited []plan.Awaited, err error) {
	for i := range m.want.RouteFiles {
		f := &m.want.RouteFiles[i]
		table := f.Routes.(*routefile.Table)
		why := m.lacking[f.ID()]
		if missing := slices.IndexFunc(table.Devices(), func(dev string) bool { return have.Link(dev) == nil }); missing >= 0 && why == "" {
			why = "link " + table.Devices()[missing]
		}
		if why != "" {
			awaited = append(awaited, plan.Awaited{Pos: f.Pos, What: f.ID().String(), For: why})
			continue
		}
		d, err := m.sys.CompareTable(ctx, table, f.Table, m.kept(f.Table))
		if err != nil {
			return nil, nil, err
		}
		if !d.Empty() {
			diffs = append(diffs, &fileDiff{f, d})
		}
	}
	return diffs, awaited, nil
}

// kept lists the routes that [[route]] puts into a table.
func (m *Manager) kept(table uint32) (ids []routefile.ID) {
	for _, o := range m.want.Of(object.Route) {
		if o.Values.Get("table") == strconv.Itoa(int(table)) {
			metric, _ := strconv.ParseUint(cmp.Or(o.Values.Get("metric"), "0"), 10, 32)
			ids = append(ids, routefile.ID{To: o.To(), Metric: uint32(metric)})
		}
	}
	return ids
}

// applyFiles writes the route files once all else is as it should be.
func (t *transaction) applyFiles(ctx until.Context, diffs []*fileDiff) error {
	for _, d := range diffs {
		if err := d.Record(t.log.AddTable); err != nil {
			return err
		}
		d.Progress = t.Progress
		t.tables = append(t.tables, d.Diff)
		if err := t.sys.WriteTable(ctx, d.Diff); err != nil {
			return err
		}
		t.result.Files = append(t.result.Files, d.change())
	}
	return nil
}

// undoTables brings large tables back, the last one first, and gives what failed.
func undoTables(ctx until.Context, sys system, tables []*routefile.Diff) (left []error) {
	for i := len(tables) - 1; i >= 0; i-- {
		if err := sys.UndoTable(ctx, tables[i]); err != nil {
			left = append(left, err)
		}
	}
	return left
}
