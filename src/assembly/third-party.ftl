<#-- What THIRD-PARTY.txt says; filled in by license-maven-plugin. -->
The SMTP Duplicator is licensed under the Apache License, Version 2.0: see the file LICENSE.

It comes with the libraries below, unchanged, in lib/. The licence text and the notices of each are in its jar; where
several licences are named, the jar says how they apply.

library | licence | home page

<#list dependencyMap as entry>
<#assign project = entry.getKey()/>
${project.artifactId} ${project.version} (${project.groupId}) | ${entry.getValue()?join(", ")} | ${project.url!"-"}
</#list>
