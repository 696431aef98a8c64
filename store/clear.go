package store

import "context"

// Clearer is implemented by stores that remove many items faster than one by one.
type Clearer interface {
	// Clear removes the items whose key starts with prefix and returns how many there were.
	Clear(ctx context.Context, prefix string) (int, error)
}

// Clear removes the items whose key starts with prefix, whatever their versions, and returns how many it removed; on an
// error, as many as were gone by then. An item that is put meanwhile may stay.
func Clear(ctx context.Context, st Store, prefix string) (int, error) {
	if c, ok := st.(Clearer); ok {
		return c.Clear(ctx, prefix)
	}
	n := 0
	for it, err := range st.List(ctx, prefix) {
		if err != nil {
			return n, err
		}
		if err := st.Delete(ctx, it.Key, Any); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
