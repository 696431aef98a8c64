package rfc9111

import (
	"time"

	"github.com/larder-go/larder/record"
)

// mostRecent is the index of the response with the latest Date (RFC 9111 §4), -1 where there is none.
func mostRecent(recs []*record.Record) int {
	if len(recs) == 1 && recs[0] != nil {
		return 0
	}
	return latest(recs, func(*record.Record) bool { return true })
}

// latest is the index of the most recent response that fits, -1 where none does.
func latest(recs []*record.Record, fits func(*record.Record) bool) int {
	best := -1
	for i, rec := range recs {
		if rec != nil && fits(rec) && (best < 0 || newer(rec, recs[best])) {
			best = i
		}
	}
	return best
}

// newer compares by Date, then by arrival. A Date in the future counts as the time of arrival, so that one wrong clock
// does not shadow all that comes later.
func newer(a, b *record.Record) bool {
	da, db := dated(a), dated(b)
	if da.Equal(db) {
		return !a.ResponseTime.Before(b.ResponseTime)
	}
	return da.After(db)
}

func dated(rec *record.Record) time.Time {
	if _, last, ok := dates(rec); ok && last.Before(rec.ResponseTime) {
		return last
	}
	return rec.ResponseTime
}
