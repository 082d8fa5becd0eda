namespace Resurgam.RealTests.Support;

/// <summary>Fills a folder with everything that a Linux file system can hold and a careless copy would lose.</summary>
internal static class OddFolder
{
    private const string ForAll = """
        printf hello >$'a\nb"c\\d\te'
        printf x >$'\xff\xfelatin\xe9'
        printf emoji >$'😀é<&>\u2028\u200b\x7f\x01'
        printf - >-rf; printf ' ' >' '
        printf long >"$(printf 'n%.0s' {1..255})"
        : >empty; touch -d '1969-12-31 23:59:58.123456789 UTC' empty
        printf future >future; touch -d '2200-01-01 00:00:00.000000001 UTC' future
        head -c 200000 /dev/urandom >random
        head -c 200000 /dev/zero | tr '\0' x >same
        printf s >setuid; chmod 6755 setuid; ln setuid twin; mkdir links; ln setuid links/third
        printf t >other; ln other links/other
        : >secret; chmod 0 secret
        mkdir -m 1777 sticky; mkdir -m 2750 setgid; printf deep >setgid/deep
        mkdir empty-folder; touch -d '2001-02-03 04:05:06.7 UTC' empty-folder
        mkdir -m 555 read-only; chmod 755 read-only; printf r >read-only/file; chmod 444 read-only/file; chmod 555 read-only
        mkfifo -m 640 fifo
        ln -s 'täüx "there"' dangling; ln -s random link; ln -s sticky folder-link; ln -s /etc/passwd outside
        touch -hd '2002-02-02 UTC' dangling
        truncate -s 3000001 sparse; printf end | dd of=sparse bs=1 seek=1500000 conv=notrunc status=none
        truncate -s 70000 hole
        d=deep; for i in $(seq 60); do d=$d/folder-$i; done; mkdir -p $d; printf bottom >$d/file
        setfattr -n user.one -v 0x00ff random; setfattr -n user.none random
        setfattr -n user.folder -v x sticky; setfattr -n user.big -v "$(printf 'v%.0s' {1..2000})" same
        setfacl -m u:33:rw,g:34:r random; setfacl -d -m u:33:rwx setgid
        """;

    private const string ForRoot = """
        chown 4711:4712 random empty-folder; chown -h 4713:4714 dangling; chown 4711 setuid; chmod 6755 setuid
        mknod -m 640 null c 1 3; mknod -m 600 loop b 7 200
        cp /bin/true capable; setcap cap_net_raw+ep capable 2>/dev/null || setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 capable
        setfattr -n trusted.secret -v 0x01 random
        """;

    /// <summary>As root with owners and devices too.</summary>
    public static async Task MakeAsync(string folder)
    {
        await ListedFile.BashAsync(folder, ForAll);
        if (Environment.IsPrivilegedProcess)
            await ListedFile.BashAsync(folder, ForRoot);
        // Its own time last: what was made in it changed it.
        await ListedFile.BashAsync(folder, "touch -d '2010-10-10 10:10:10.101010101 UTC' .");
    }
}
