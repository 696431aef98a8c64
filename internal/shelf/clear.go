package shelf

import (
	"context"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

var _ record.Clearer = (*Shelf)(nil)

// Clear implements record.Clearer. The manifest stays, and so do sessions on the same store.
func (s *Shelf) Clear(ctx context.Context) (int, error) {
	n := 0
	for _, err := range s.All(ctx, "") {
		if err != nil {
			return 0, err
		}
		n++
	}
	for _, prefix := range []string{entryPrefix, variantPrefix, chunkPrefix} {
		if _, err := store.Clear(ctx, s.store, prefix); err != nil {
			return 0, err
		}
	}
	return n, nil
}
