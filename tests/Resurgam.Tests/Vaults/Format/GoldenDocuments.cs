namespace Resurgam.Tests.Vaults.Format;

/// <summary>Documents as stock restic 0.14 wrote them in UTC, opened and unpacked.</summary>
internal static class GoldenDocuments
{
    public const string Config = """
        {"version":2,"id":"f4714288e03608b8ac96b3d5cdb96efa62a2606296b2ae36e796ecccf1751b6a","chunker_polynomial":"204e817b61f2d7"}
        """;

    /// <summary>Its password is <c>geheim</c>.</summary>
    public const string Key = """
        {"created":"2026-11-23T14:31:03.940040651Z","username":"root","hostname":"vm","kdf":"scrypt","N":32768,"r":8,"p":5,"salt":"oGxOLuJzUUnAiYGlrNmoptqo9drAdKy7fIsH4tvsq1SfJyu49Dghr8mM/niYsioCUkt/sVEUcEnHkRjKUO9jnA==","data":"1P1YUHJiS+jnhEsYnyWIB5wKxxU8OzR/mcdtcyr5qDWIMf5CiR9zWQgpXM0/tTcjy58g4isw4VK7cOPIPiKU4galkWSFTLxt/kDeCNF32uq4+ZMLl7KXlnap+ByTbPxOMuE3FCUw/Xlc73camNmIOhBeixsolcurjh4sV1l/QER6CUdLlxaoKqatuXPQnYF0lJEXUlwg1ItiTvUcMTC1rw=="}
        """;

    /// <summary>The config file of that repository, sealed with its master key.</summary>
    public const string SealedConfig =
        "76353b6c3ee354aca44476ca8645a27b010b196d2240339ed852bd79e9e2d364fff264dcaf7844242d98e3b739d216d4abcaf3b7bb365e65877df3ce771e5462e63ee1f015dd08ecd24ad49185bacf1dcd45c8a6e3f90d523d1032a3febb2b138b7a8f7d97ac6c65f52a4a51636831ae5abc07f28bd0ba141343039d6e92f8f84b981ac27c317b398f98e3e04d164d87f2ea1df731234ffdc0dcf3";

    public const string Snapshot = """
        {"time":"2026-11-23T14:31:04.497827796Z","tree":"79823ef25491b5b2f32dc652c4e0a601a2d31b80537d6cb628e299cd8e96d2a6","paths":["/tmp/src"],"hostname":"vm","username":"root","excludes":["*.no"],"tags":["t1"]}
        """;

    public const string Lock = """
        {"time":"2026-11-23T14:31:04.497827796Z","exclusive":false,"hostname":"vm","username":"op","pid":12345,"uid":1000,"gid":1000}
        """;

    public const string Index = """
        {"packs":[{"id":"8c42554aea2d1438bb6775b39044e333835f56ad79e820a761fd7eae94a9896b","blobs":[{"id":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","type":"data","offset":0,"length":46,"uncompressed_length":5},{"id":"043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89","type":"data","offset":46,"length":42}]},{"id":"4e7fc8b000521872119a7dcdea0aa23f5b98ec98044e4e7bddd43cbd30a437e3","blobs":[{"id":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","type":"tree","offset":0,"length":54,"uncompressed_length":13}]}]}

        """;

    public const string EmptyTree = """
        {"nodes":[]}

        """;

    /// <summary>Every type but the socket, which restic leaves out, and names that are no fun.</summary>
    public const string Tree = """
        {"nodes":[{"name":"a\\nb\\\"c\\\\d\\te","type":"file","mode":420,"mtime":"2026-11-23T14:31:01.733667285Z","atime":"2026-11-23T14:31:01.733667285Z","ctime":"2026-11-23T14:31:01.733667285Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657886,"device_id":65024,"size":5,"links":1,"content":["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"]},{"name":"blk","type":"dev","mode":67109280,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657896,"device_id":65024,"links":1,"device":1050412,"content":null},{"name":"chr","type":"chardev","mode":69206400,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657897,"device_id":65024,"links":1,"device":259,"content":null},{"name":"empty","type":"file","mode":420,"mtime":"1969-12-31T23:59:58.5Z","atime":"1969-12-31T23:59:58.5Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657885,"device_id":65024,"links":1,"extended_attributes":[{"name":"user.a","value":"AP8="},{"name":"user.empty","value":""},{"name":"user.ü\u003c","value":"MQ=="}],"content":[]},{"name":"fifo","type":"fifo","mode":33554852,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657895,"device_id":65024,"content":null},{"name":"link","type":"symlink","mode":134218239,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657893,"device_id":65024,"links":1,"linktarget":"target\ufffd","content":null},{"name":"link2","type":"symlink","mode":134218239,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657894,"device_id":65024,"links":1,"linktarget":"täüx","content":null},{"name":"sg","type":"dir","mode":2151678440,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657892,"device_id":65024,"content":null,"subtree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"},{"name":"sticky","type":"dir","mode":2148532735,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657891,"device_id":65024,"content":null,"subtree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"},{"name":"sub","type":"dir","mode":2147484141,"mtime":"2026-11-23T14:31:01.733842395Z","atime":"2026-11-23T14:31:01.733842395Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657803,"device_id":65024,"content":null,"subtree":"7188ae8ad2ee6ae9816864be34a7599bfb744cb75d28cb8ed1567966c72f5290"},{"name":"suid","type":"file","mode":8389101,"mtime":"2446-05-10T22:38:55Z","atime":"2446-05-10T22:38:55Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657890,"device_id":65024,"size":1,"links":2,"content":["043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89"]},{"name":"suid2","type":"file","mode":8389101,"mtime":"2446-05-10T22:38:55Z","atime":"2446-05-10T22:38:55Z","ctime":"2026-11-23T14:31:01.733842395Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657890,"device_id":65024,"size":1,"links":2,"content":["043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89"]},{"name":"😀é\u003c\u0026\u003e\\u2028\\u200b\\x7f\\x01","type":"file","mode":420,"mtime":"2026-11-23T14:31:01.733794254Z","atime":"2026-11-23T14:31:01.733794254Z","ctime":"2026-11-23T14:31:01.733794254Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657888,"device_id":65024,"size":5,"links":1,"content":["4030f0c0b99ba5e189b6fe295448a8ca31ca589a55930175de18032545c11501"]},{"name":"\\xff\\xfelatin\\xe9","type":"file","mode":420,"mtime":"2026-11-23T14:31:01.733734124Z","atime":"2026-11-23T14:31:01.733734124Z","ctime":"2026-11-23T14:31:01.733734124Z","uid":0,"gid":0,"user":"root","group":"root","inode":11657887,"device_id":65024,"size":1,"links":1,"content":["2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"]}]}

        """;

    public static byte[] Utf8(string document) => System.Text.Encoding.UTF8.GetBytes(document);
}
