package main

const (
	kib = 1 << 10
	mib = 1 << 20
)

// row is a line of the table: two ways to the same end.
type row struct {
	name     string // chosen by -run
	what     string // ours does; the table adds against what
	ours     side
	theirs   side
	aim      float64 // for the ratio of ours to theirs; 0: none was set
	allocs   int64   // aimed at, of ours; 0: none was set
	size     int64   // bytes of a download that is shown as a speed; 0: a time is shown
	parallel bool    // on all cores at once
}

// rows is everything that is measured.
func rows(entries int) []row {
	big := &crowd{n: entries}
	return []row{
		{name: "hit-4k", what: "memory hit of 4 KiB", aim: 0.4, allocs: 20,
			ours: hit(4*kib, larderIn("memory:")), theirs: hit(4*kib, gregjonesMemory)},
		{name: "hit-64k", what: "memory hit of 64 KiB",
			ours: hit(64*kib, larderIn("memory:")), theirs: hit(64*kib, gregjonesMemory)},
		{name: "hit-4k-parallel", what: "memory hits of 4 KiB on all cores", parallel: true,
			ours: hit(4*kib, larderIn("memory:")), theirs: hit(4*kib, gregjonesMemory)},
		{name: "hit-4k-json", what: "memory hit of 4 KiB in JSON",
			ours: hit(4*kib, larderIn("memory:?codec=json")), theirs: hit(4*kib, larderIn("memory:"))},
		{name: "hit-4k-sqlite", what: "SQLite hit of 4 KiB", aim: 1,
			ours: hit(4*kib, larderIn("sqlite:")), theirs: both(selectRow(4*kib), hit(4*kib, larderIn("memory:")))},
		{name: "hit-4k-file", what: "file hit of 4 KiB",
			ours: hit(4*kib, larderIn("file:")), theirs: hit(4*kib, gregjonesDisk(0))},
		{name: "hit-4k-file-warm", what: "file hit of 4 KiB",
			ours: hit(4*kib, larderIn("file:")), theirs: hit(4*kib, gregjonesDisk(100*mib))},

		{name: "miss-64k", what: "miss of 64 KiB, stored in memory", aim: 2,
			ours: miss(64*kib, larderIn("memory:")), theirs: miss(64*kib, plain)},
		{name: "miss-64k-sqlite", what: "miss of 64 KiB, stored in SQLite", aim: 10,
			ours: miss(64*kib, larderIn("sqlite:")), theirs: miss(64*kib, plain)},
		{name: "miss-64k-file", what: "miss of 64 KiB, stored in a file",
			ours: miss(64*kib, larderIn("file:")), theirs: miss(64*kib, plain)},
		{name: "miss-64k-peer", what: "miss of 64 KiB, stored in memory",
			ours: miss(64*kib, larderIn("memory:")), theirs: miss(64*kib, gregjonesMemory)},

		{name: "large-1m", what: "memory hit of 1 MiB", size: mib,
			ours: hit(mib, larderIn("memory:")), theirs: miss(mib, plain)},
		{name: "large-1m-sqlite", what: "SQLite hit of 1 MiB", size: mib,
			ours: hit(mib, larderIn("sqlite:")), theirs: miss(mib, plain)},
		{name: "large-64m", what: "memory hit of 64 MiB", size: 64 * mib,
			ours: hit(64*mib, larderIn("memory:?max_bytes=1073741824")), theirs: miss(64*mib, plain)},
		{name: "large-64m-sqlite", what: "SQLite hit of 64 MiB", size: 64 * mib,
			ours: hit(64*mib, larderIn("sqlite:")), theirs: miss(64*mib, plain)},

		{name: "many-hit", what: "SQLite hits among many entries", aim: 1,
			ours: big.hits(), theirs: (&crowd{n: 100}).hits()},
		{name: "many-list", what: "listing many entries by pattern",
			ours: big.list(), theirs: big.selectLabels()},
	}
}
