# One tool at a time on one directory. The kernel keeps the lock and lets it go when the holder dies, however it dies.

# lock_take FILE SECONDS WAITING: hold FILE's lock on descriptor 9 until this process ends. Says WAITING once when
# somebody else has it; fails after SECONDS. A command started while the lock is held inherits it unless given "9<&-".
lock_take() {
    local file=$1 seconds=$2 waiting=$3
    [ -e "$file" ] || : >>"$file"
    exec 9<"$file"
    lock_try && return
    note "$waiting"
    wait_until "$seconds" lock_try
}

# macOS has no flock(1) but the same call by way of perl: the lock belongs to the open file that both processes share.
lock_try() {
    if command -v flock >/dev/null; then
        flock -n 9
    else
        perl -MFcntl=:flock -e 'open(my $lock, "<&=", 9) or exit 1; exit(flock($lock, LOCK_EX | LOCK_NB) ? 0 : 1)'
    fi
}
