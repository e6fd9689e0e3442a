package conf

// Merge adds an entry of another file to a table, as if it stood behind it:
// tables key by key, lists of [[headers]] item by item. What both set is a
// fault, at the other's key. above is the table's name with a dot, for messages;
// "" for the topmost. What the entry consists of is the table's from then on.
func (n *Node) Merge(e *Entry, above string, faults *Faults) {
	old := n.entry(e.Key)
	if old == nil {
		n.Entries = append(n.Entries, *e)
		return
	}
	have, more := old.Value, e.Value
	switch {
	case have.Kind == Table && more.Kind == Table:
		for i := range more.Entries {
			have.Merge(&more.Entries[i], above+e.Key+".", faults)
		}
	case have.tables && more.tables:
		have.Items = append(have.Items, more.Items...)
	default:
		faults.twice(e.Pos, above+e.Key, old.Pos)
	}
}
