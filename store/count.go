package store

import "context"

// Counter is implemented by stores that count faster than by listing.
type Counter interface {
	// Count returns how many items have a key that starts with prefix, and the bytes of their values together.
	Count(ctx context.Context, prefix string) (items int, bytes int64, err error)
}

// Count returns how many items have a key that starts with prefix, and the bytes of their values together, without keys,
// labels and what the engine needs for itself.
func Count(ctx context.Context, st Store, prefix string) (items int, bytes int64, err error) {
	if c, ok := st.(Counter); ok {
		return c.Count(ctx, prefix)
	}
	for it, err := range st.List(ctx, prefix) {
		if err != nil {
			return items, bytes, err
		}
		items++
		bytes += it.Size
	}
	return items, bytes, nil
}
