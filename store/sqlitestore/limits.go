package sqlitestore

import (
	"errors"
	"fmt"
	"math"

	"github.com/larder-go/larder/store"
)

const (
	// maxValue is the longest value, in bytes; SQLite itself takes rows of 10^9.
	maxValue = 512 << 20

	// chunk is the advised size of a piece: rows of this size are read and written fastest per byte.
	chunk = 256 << 10

	// overhead is what an item counts beside its value and label: key, version and numbers, and their places in indexes.
	// The accounts in every file are kept with it, so another figure needs a step of the schema.
	overhead = 256
)

// limits are those of Options; math.MaxInt64 stands for none.
type limits struct {
	total int64
	entry int64 // of the items of one group
}

func limitsOf(o Options) (limits, error) {
	l := limits{total: o.MaxBytes, entry: o.MaxEntry}
	switch {
	case l.total < 0 || l.entry < 0:
		return l, errors.New("MaxBytes and MaxEntry must not be negative")
	case l.total > 0 && l.entry > l.total:
		return l, fmt.Errorf("MaxEntry is %d, more than MaxBytes, which is %d", l.entry, l.total)
	}
	if l.entry == 0 {
		l.entry = l.total / 8
	}
	if l.total == 0 {
		l.total = math.MaxInt64
	}
	if l.entry == 0 {
		l.entry = math.MaxInt64
	}
	return l, nil
}

// evicts reports whether there is a limit for everything together.
func (l limits) evicts() bool { return l.total < math.MaxInt64 }

// none reports whether there is no limit at all.
func (l limits) none() bool { return !l.evicts() && l.entry == math.MaxInt64 }

// cost is what an item counts towards the limits. The triggers of the schema reckon the same.
func cost(it store.Item) int64 { return int64(len(it.Value)) + int64(len(it.Label)) + overhead }

// check refuses what could never be kept.
func (l limits) check(it store.Item, cost int64) error {
	if len(it.Value) > maxValue {
		return fmt.Errorf("%w: value of %d bytes, at most %d", store.ErrTooLarge, len(it.Value), maxValue)
	}
	if cost > l.total {
		return fmt.Errorf("%w: item of %d bytes, at most %d", store.ErrTooLarge, cost, l.total)
	}
	if it.Group != "" {
		return l.checkEntry(cost)
	}
	return nil
}

func (l limits) checkEntry(bytes int64) error {
	if bytes > l.entry {
		return fmt.Errorf("%w: %d bytes in one group, at most %d", store.ErrTooLarge, bytes, l.entry)
	}
	return nil
}
