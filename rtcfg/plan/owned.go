package plan

import "bootlink/rtcfg/object"

// forget drops from memory what is neither there nor wanted any more.
func (m *maker) forget() {
	for id := range m.after.Made {
		gone := m.have.Objects[id] == nil && m.want.Find(id) == nil
		if id.Class == object.Link {
			gone = gone && m.provider(id.Name) == nil
		}
		if gone {
			delete(m.after.Made, id)
		}
	}
	for id := range m.after.Before {
		if id.Class == object.Link && m.have.Objects[id] == nil && m.want.Find(id) == nil {
			delete(m.after.Before, id)
		}
	}
}
