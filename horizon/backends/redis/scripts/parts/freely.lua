-- Frees nothing, but is the first write: a script that begins so may go on over `maxmemory`. For every act that must not
-- stop there: what ends jobs, what keeps workers alive, and what people do to make room.
call('DEL', P .. '_')
